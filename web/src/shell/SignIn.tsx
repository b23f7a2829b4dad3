/** Signing in: the page before everything, and the dialog over a page whose session has ended. */
import { LockOutlined, UserOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal } from 'antd';
import { useRef } from 'react';

import { api, dataOf } from '../api/client';
import { meQuery } from '../api/me';
import { sessionAbandoned, sessionRestored } from '../api/session';
import type { SignIn as Credentials } from '../api/schema';
import { useText } from '../i18n/shell';
import { ProblemNotice } from '../ui/ProblemNotice';
import { useTitle } from '../ui/PageFrame';
import { LanguageSwitch } from './LanguageSwitch';
import styles from './SignIn.module.css';

export function SignInPage({ onSignedIn }: { onSignedIn: () => void }) {
  const t = useText();
  useTitle(t('signIn.title'));
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <img src="/assets/lendloom.svg" alt="" width={40} height={40} />
          <div>
            <h1>{t('app.name')}</h1>
            <span className="secondary">{t('app.tagline')}</span>
          </div>
        </div>
        <SignInForm onSignedIn={onSignedIn} />
        <div className={styles.foot}>
          <LanguageSwitch />
        </div>
      </div>
    </main>
  );
}

/** Over the page: the same person signs in again and goes on; somebody else begins anew. */
export function SessionDialog({ username }: { username: string }) {
  const t = useText();
  const form = useRef<HTMLDivElement>(null);
  const startAnew = () => {
    sessionAbandoned();
    void api.DELETE('/v2/session').finally(() => window.location.assign('/'));
  };
  return (
    <Modal
      open
      title={t('signIn.again')}
      footer={null}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      width={420}
      afterOpenChange={() => form.current?.querySelector<HTMLInputElement>('input[type="password"]')?.focus()}
    >
      <p>{t('signIn.againWhy')}</p>
      <div ref={form}>
        <SignInForm username={username} onSignedIn={sessionRestored} />
      </div>
      <Button type="link" style={{ paddingInline: 0 }} onClick={startAnew}>
        {t('signIn.other')}
      </Button>
    </Modal>
  );
}

function SignInForm({ username, onSignedIn }: { username?: string; onSignedIn: () => void }) {
  const t = useText();
  const cache = useQueryClient();
  const signIn = useMutation({
    mutationFn: (body: Credentials) => dataOf(api.POST('/v2/session', { body })),
    onSuccess: async () => {
      if (username === undefined) await cache.resetQueries({ queryKey: meQuery.queryKey });
      onSignedIn();
    },
  });
  return (
    <Form<Credentials>
      layout="vertical"
      requiredMark={false}
      initialValues={{ username }}
      onFinish={(credentials) => signIn.mutate(credentials)}
    >
      <Form.Item
        name="username"
        label={t('signIn.username')}
        rules={[{ required: true, whitespace: true, message: t('signIn.usernameMissing') }]}
      >
        <Input prefix={<UserOutlined aria-hidden />} autoComplete="username" autoFocus={!username} readOnly={!!username} />
      </Form.Item>
      <Form.Item name="password" label={t('signIn.password')} rules={[{ required: true, message: t('signIn.passwordMissing') }]}>
        <Input.Password prefix={<LockOutlined aria-hidden />} autoComplete="current-password" autoFocus={!!username} />
      </Form.Item>
      {signIn.isError && (
        <div style={{ marginBottom: 16 }}>
          <ProblemNotice error={signIn.error} />
        </div>
      )}
      <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
        {t('signIn.submit')}
      </Button>
    </Form>
  );
}
