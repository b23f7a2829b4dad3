/** What stands in the place of a page that failed, or of one whose files a new version has replaced. */
import { Button } from 'antd';
import { useRouteError } from 'react-router';

import { asProblem } from '../api/problem';
import { useText } from '../i18n/shell';
import { Sentence, Trace } from '../ui/ProblemNotice';

export function Crash() {
  const t = useText();
  const error = useRouteError();
  const isOutdated = error instanceof TypeError && /dynamically imported module|Importing a module/.test(error.message);
  const isOffline = isOutdated && !navigator.onLine;
  const problem = asProblem(error);
  const [title, explanation] = isOffline
    ? (['problem.title', 'problem.unreachable'] as const)
    : isOutdated
      ? (['newVersion.title', 'newVersion.text'] as const)
      : (['crash.title', 'crash.text'] as const);
  return (
    <div role="alert" style={{ maxWidth: '40em', margin: '15vh auto', padding: '0 16px', textAlign: 'center' }}>
      <h1 style={{ fontSize: 22 }}>
        {t(title)}
      </h1>
      <p>{t(explanation)}</p>
      {!isOutdated && (
        <>
          <p>
            <code>
              <Sentence problem={problem} />
            </code>
          </p>
          {problem.traceId && <Trace id={problem.traceId} />}
        </>
      )}
      <Button type="primary" onClick={() => window.location.reload()}>
        {t('crash.reload')}
      </Button>
    </div>
  );
}
