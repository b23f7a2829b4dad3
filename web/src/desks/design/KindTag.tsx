/** What a file is. */
import { Tag } from 'antd';

import type { Kind } from './api';
import { useText } from './strings';

const COLOURS: Readonly<Record<Kind, string>> = { bpmn: 'blue', dmn: 'purple', form: 'cyan', scenario: 'gold' };

export function KindTag({ kind }: { kind: Kind }) {
  const t = useText();
  return (
    <Tag color={COLOURS[kind]} style={{ marginInlineEnd: 0 }}>
      {t(`kind.${kind}`)}
    </Tag>
  );
}
