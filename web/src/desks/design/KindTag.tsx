/** What a file is. */
import { Tag } from 'antd';

import type { Kind } from './api';
import { useText } from './strings';

export function KindTag({ kind }: { kind: Kind }) {
  const t = useText();
  return (
    <Tag style={{ marginInlineEnd: 0 }}>
      {t(`kind.${kind}`)}
    </Tag>
  );
}
