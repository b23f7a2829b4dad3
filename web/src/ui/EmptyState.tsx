/** What a page shows where there is nothing: what would be here, and what to do about it. */
import { Empty } from 'antd';
import type { ReactNode } from 'react';

interface Props {
  /** Left out where the page's own title says it already. */
  title?: string;
  /** When something will be here, or how to get it. */
  hint?: ReactNode;
  /** The way out: a button or a link. */
  action?: ReactNode;
}

export function EmptyState({ title, hint, action }: Props) {
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      style={{ marginBlock: 48, marginInline: 16 }}
      description={
        <>
          {title !== undefined && <strong>{title}</strong>}
          {hint !== undefined && (
            <p className="secondary" style={{ margin: '4px auto 0', maxWidth: '36em' }}>
              {hint}
            </p>
          )}
        </>
      }
    >
      {action}
    </Empty>
  );
}
