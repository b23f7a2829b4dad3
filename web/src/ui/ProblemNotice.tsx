/** How every error is shown: what is wrong and what to do, the single places, the trace id, another try. */
import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { useState } from 'react';

import { asProblem, type Problem, type ProblemEntry } from '../api/problem';
import { useText } from '../i18n/shell';
import { renamed, useNames } from './names';

interface Props {
  error: unknown;
  /** Offer another try, where one may help. */
  retry?: () => void;
  /** Say more than that it did not work, such as "The tasks could not be loaded". */
  title?: string;
}

export function ProblemNotice({ error, retry, title }: Props) {
  const t = useText();
  const problem = asProblem(error);
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={title ?? t('problem.title')}
      description={
        <>
          <div style={{ overflowWrap: 'anywhere' }}>
            <Sentence problem={problem} />
          </div>
          {problem.errors.length > 0 && <Places errors={problem.errors} />}
          {problem.traceId !== undefined && <Trace id={problem.traceId} />}
        </>
      }
      action={
        retry && (
          <Button size="small" onClick={retry}>
            {t('problem.retry')}
          </Button>
        )
      }
    />
  );
}

/** The sentence for a problem; those that have no answer of the server are told in the shell's own words. */
export function useSentence(problem: Problem | null): string {
  const t = useText();
  const usernames = problem?.usernames ?? [];
  const nameOf = useNames(usernames);
  if (problem === null) return '';
  if (problem.code === 'web.unreachable') return t('problem.unreachable');
  if (problem.code === 'web.unexpected') return t('problem.unexpected', { what: problem.message });
  return renamed(problem.message, usernames, nameOf);
}

export function Sentence({ problem }: { problem: Problem }) {
  return <>{useSentence(problem)}</>;
}

function Places({ errors }: { errors: readonly ProblemEntry[] }) {
  return (
    <ul style={{ margin: '4px 0 0', paddingInlineStart: 20 }}>
      {errors.map((entry, index) => (
        <li key={index}>
          <Place entry={entry} />
          {entry.detail}
        </li>
      ))}
    </ul>
  );
}

function Place({ entry }: { entry: ProblemEntry }) {
  const t = useText();
  const file = entry.resource && (entry.line ? t('problem.place', { resource: entry.resource, line: entry.line }) : entry.resource);
  const places = [file, entry.element, entry.pointer?.replace(/^\/variables\//, '')].filter(Boolean);
  return places.length > 0 && <code>{places.join(' · ')}</code>;
}

/** The id under which operators find the request in the logs. */
export function Trace({ id }: { id: string }) {
  const t = useText();
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(id).then(() => setCopied(true));
  return (
    <div className="small secondary" style={{ marginTop: 4 }}>
      {t('problem.trace')} <span translate="no">{id}</span>
      <Button
        type="text"
        size="small"
        icon={copied ? <CheckOutlined /> : <CopyOutlined />}
        aria-label={t(copied ? 'problem.copied' : 'problem.copy')}
        onClick={copy}
      />
    </div>
  );
}
