/** A page on its way. */
import { Spin } from 'antd';

export function Loading() {
  return (
    <div style={{ display: 'grid', placeItems: 'center', height: '100%', minHeight: 240 }}>
      <Spin />
    </div>
  );
}
