/** The application: what everything stands in, and which page an address is. */
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { ConfigProvider } from 'antd';
import enUS from 'antd/es/locale/en_US';
import zhCN from 'antd/es/locale/zh_CN';
import { lazy, StrictMode, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { createBrowserRouter, Navigate, RouterProvider } from 'react-router';

import { mayHaveSession } from '../api/cookies';
import { meQuery, useMe } from '../api/me';
import { asProblem } from '../api/problem';
import { onSessionChange, sessionHasExpired, sessionRestored } from '../api/session';
import { ProblemNotice } from '../ui/ProblemNotice';
import { useMedia } from '../ui/media';
import { DESKS, desksOf, preload } from './desks';
import { Crash } from './Crash';
import { useLanguage } from './language';
import { Layout } from './Layout';
import { Loading } from './Loading';
import { NoDesk } from './NoDesk';
import { NotFound } from './NotFound';
import { usePreference } from './preferences';
import { antdTheme, applyScheme, type Scheme } from './theme';

const deskPage = () => import('./DeskPage');
const DeskPage = lazy(deskPage);
const SignInPage = lazy(() => import('./SignIn').then(({ SignInPage }) => ({ default: SignInPage })));
const SessionDialog = lazy(() => import('./SignIn').then(({ SessionDialog }) => ({ default: SessionDialog })));

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      networkMode: 'always',
      // What failed while there was no connection is there again when there is one; 'always' alone would leave it.
      refetchOnReconnect: true,
      retry: (failures, error) => failures < 2 && asProblem(error).mayPass,
    },
    mutations: { networkMode: 'always' },
  },
});

// What the first page needs is asked for at once, not one after the other.
if (mayHaveSession()) {
  void cache.prefetchQuery(meQuery);
  void deskPage();
  preload(window.location.pathname);
}

const router = createBrowserRouter([
  {
    path: '/',
    element: <Layout />,
    errorElement: <Crash />,
    children: [
      { index: true, element: <Start /> },
      ...DESKS.map((desk) => ({ path: `${desk.id}/*`, element: <DeskPage desk={desk} />, errorElement: <Crash /> })),
      { path: '*', element: <NotFound /> },
    ],
  },
]);

export function App() {
  const [language] = useLanguage();
  const scheme = useScheme();
  const reducedMotion = useMedia('(prefers-reduced-motion: reduce)');
  return (
    <StrictMode>
      <ConfigProvider
        locale={language === 'zh' ? zhCN : enUS}
        theme={antdTheme(scheme, reducedMotion)}
        button={{ autoInsertSpace: false }}
      >
        <QueryClientProvider client={cache}>
          <Suspense fallback={<Loading />}>
            <SessionGate />
          </Suspense>
        </QueryClientProvider>
      </ConfigProvider>
    </StrictMode>
  );
}

/** The scheme that is shown: chosen, or the system's. */
export function useScheme(): Scheme {
  const [chosen] = usePreference<Scheme | 'system'>('theme', 'system');
  const systemIsDark = useMedia('(prefers-color-scheme: dark)');
  const scheme = chosen === 'system' ? (systemIsDark ? 'dark' : 'light') : chosen;
  useEffect(() => applyScheme(scheme), [scheme]);
  return scheme;
}

/** Nothing is asked before somebody is signed in; a session that ends later is continued over the page. */
function SessionGate() {
  const [begun, setBegun] = useState(mayHaveSession);
  const expired = useSyncExternalStore(onSessionChange, sessionHasExpired);
  const me = useQuery({ ...meQuery, enabled: begun });
  const begin = () => {
    setBegun(true);
    sessionRestored();
  };
  if (!begun || (expired && !me.data)) return <SignInPage onSignedIn={begin} />;
  if (me.data) {
    return (
      <>
        <RouterProvider router={router} />
        {expired && (
          // The page stays in sight, and keeps what is being typed, until the dialog is there.
          <Suspense>
            <SessionDialog username={me.data.username} />
          </Suspense>
        )}
      </>
    );
  }
  if (me.isError) return <ProblemNotice error={me.error} retry={() => void me.refetch()} />;
  return <Loading />;
}

function Start() {
  const [first] = desksOf(useMe());
  return first ? <Navigate to={`/${first.id}`} replace /> : <NoDesk />;
}
