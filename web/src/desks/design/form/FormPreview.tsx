/** A form as people will see it, to be filled in; below, what it would send. */
import { Button, Space } from 'antd';
import { useMemo, useRef, useState } from 'react';

import { FormView } from '../../../ui/lazyForm';
import type { FormHandle } from '../../../ui/FormView';
import type { SideProps } from '../draft/SidePanel';
import { useText } from '../strings';

const NOTHING = {};

export default function FormPreview({ text }: SideProps) {
  const t = useText();
  const form = useRef<FormHandle>(null);
  const [sent, setSent] = useState<{ data: object | null; wrong: number } | null>(null);
  const schema = useMemo(() => text, [text]);
  return (
    <>
      <p className="secondary">{t('preview.text')}</p>
      <FormView ref={form} schema={schema} data={NOTHING} />
      <Space style={{ marginBlock: 12 }}>
        <Button type="primary" onClick={() => setSent(form.current?.submit() ?? null)}>
          {t('preview.submit')}
        </Button>
      </Space>
      {sent && (
        <div role="status">
          {sent.data ? (
            <>
              <h3 style={{ fontSize: 14, margin: '0 0 4px' }}>{t('preview.data')}</h3>
              <pre translate="no" style={{ margin: 0, padding: 8, overflow: 'auto', background: 'var(--ll-page)', borderRadius: 6 }}>
                {JSON.stringify(sent.data, null, 2)}
              </pre>
            </>
          ) : (
            t('preview.wrong', { count: sent.wrong })
          )}
        </div>
      )}
    </>
  );
}
