/** Say something about a case; it stays as it is. What was typed survives leaving the page. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';

import { api } from '../../api/client';
import { refreshPaths } from '../../api/live';
import { usePreference } from '../../shell/preferences';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useText } from './strings';

export function CommentBox({ instanceKey }: { instanceKey: string }) {
  const t = useText();
  const cache = useQueryClient();
  const [text, setText] = usePreference(`cases.comment.${instanceKey}`, '');
  const send = useMutation({
    mutationFn: () => api.POST('/v2/process-instances/{key}/comments', { params: { path: { key: instanceKey } }, body: { text: text.trim() } }),
    onSuccess: () => {
      setText(undefined);
      refreshPaths(cache, new Set(['process-instances', 'comments']));
    },
  });
  const isEmpty = text.trim() === '';
  return (
    <form
      style={{ display: 'flex', flexWrap: 'wrap', gap: 8, marginBottom: 16, alignItems: 'flex-start' }}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isEmpty && !send.isPending) send.mutate();
      }}
    >
      <Input.TextArea
        aria-label={t('comment.label')}
        placeholder={t('comment.placeholder')}
        autoSize={{ minRows: 1, maxRows: 8 }}
        maxLength={4000}
        style={{ flex: '1 1 320px' }}
        value={text}
        onChange={({ target }) => setText(target.value === '' ? undefined : target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
        }}
      />
      <Button htmlType="submit" disabled={isEmpty} loading={send.isPending}>
        {t('comment.send')}
      </Button>
      {send.isError && <ProblemNotice error={send.error} retry={() => send.mutate()} />}
    </form>
  );
}
