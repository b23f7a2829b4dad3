/** A variable's value: a line in a table, all of it on request. */
import { Button } from 'antd';
import { useContext, useState } from 'react';

import { OnPaper } from '../ui/paper';
import { useSpoken } from './spoken';
import { useText } from './strings';
import { shownValue } from './values';

interface Props {
  /** JSON text. */
  json: string;
  isTruncated?: boolean;
  /** In words rather than as JSON, until somebody asks for all of it; on paper it always is. */
  spoken?: boolean;
}

export function ValueView({ json, isTruncated = false, spoken = false }: Props) {
  const t = useText();
  const say = useSpoken();
  const onPaper = useContext(OnPaper);
  const [open, setOpen] = useState(onPaper);
  const { brief, full, plain, kind } = shownValue(json);
  if (full === '') return <span className="secondary">{t('value.empty')}</span>;
  const hasMore = full !== brief;
  return (
    <div>
      {onPaper && plain !== null ? (
        <span style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{say.whole(json)}</span>
      ) : open ? (
        <pre style={{ margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', ...(!onPaper && { maxHeight: 360 }), overflow: 'auto' }} tabIndex={0}>
          {onPaper ? say.whole(json) : full}
        </pre>
      ) : (
        <span className={kind === 'number' ? 'tabular' : undefined} style={{ overflowWrap: 'anywhere' }}>
          {spoken ? say.value(json) : brief}
        </span>
      )}
      {isTruncated && <div className="small secondary">{t('value.truncated')}</div>}
      {hasMore && !onPaper && (
        <Button type="link" size="small" style={{ paddingInline: 4 }} aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'value.less' : 'value.more')}
        </Button>
      )}
    </div>
  );
}
