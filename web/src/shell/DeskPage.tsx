/** A desk's page with what all desks use (messages, dialogs); loaded with the first desk, not with the shell. */
import { App as AntdApp } from 'antd';
import { Suspense } from 'react';

import { useMe } from '../api/me';
import { desksOf, type Desk } from './desks';
import { Forbidden } from './Forbidden';
import { Loading } from './Loading';

export default function DeskPage({ desk }: { desk: Desk }) {
  const isOpen = desksOf(useMe()).includes(desk);
  if (!isOpen) return <Forbidden permissions={desk.permissions} />;
  return (
    <AntdApp style={{ height: '100%' }}>
      <Suspense fallback={<Loading />}>
        <desk.Page />
      </Suspense>
    </AntdApp>
  );
}
