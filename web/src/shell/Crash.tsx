/** What stands in the place of a page that failed, or of one whose files a new version has replaced. */
import { Button, Result, Typography } from 'antd';
import { useRouteError } from 'react-router';

import { asProblem } from '../api/problem';
import { useText } from '../i18n/shell';
import { useSentence } from '../ui/ProblemNotice';

export function Crash() {
  const t = useText();
  const error = useRouteError();
  const sentence = useSentence();
  const isOutdated = error instanceof TypeError && /dynamically imported module|Importing a module/.test(error.message);
  const problem = asProblem(error);
  return (
    <Result
      status={isOutdated ? 'info' : 'warning'}
      title={t(isOutdated ? 'newVersion.title' : 'crash.title')}
      subTitle={t(isOutdated ? 'newVersion.text' : 'crash.text')}
      extra={
        <Button type="primary" onClick={() => window.location.reload()}>
          {t('crash.reload')}
        </Button>
      }
    >
      {!isOutdated && (
        <Typography.Paragraph style={{ textAlign: 'center' }}>
          <Typography.Text code>{sentence(problem)}</Typography.Text>
          {problem.traceId && (
            <>
              <br />
              {t('problem.trace')} <Typography.Text copyable>{problem.traceId}</Typography.Text>
            </>
          )}
        </Typography.Paragraph>
      )}
    </Result>
  );
}
