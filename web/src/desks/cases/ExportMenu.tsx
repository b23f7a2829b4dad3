/** A case to take away: as JSON, on paper, or as a scenario that plays it again without personal data. */
import { DownloadOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Dropdown, Modal } from 'antd';

import { api, dataOf } from '../../api/client';
import { useMay } from '../../api/me';
import type { ProcessInstance } from '../../api/schema';
import { caseAddress } from '../../shell/addresses';
import { ProblemNotice, Sentence } from '../../ui/ProblemNotice';
import { asProblem } from '../../api/problem';
import { download, exportOf } from './exported';
import { useText } from './strings';

export function ExportMenu({ instance }: { instance: ProcessInstance }) {
  const t = useText();
  const may = useMay();
  const cache = useQueryClient();
  const { message } = App.useApp();
  const key = instance.processInstanceKey;
  const name = instance.businessId ?? key;
  const json = useMutation({
    mutationFn: () => exportOf(cache, instance, may),
    onSuccess: (document) => download(`${name}.json`, JSON.stringify(document, null, 2), 'application/json'),
    onError: (error) => void message.error(<Sentence problem={asProblem(error)} />),
  });
  const scenario = useMutation({
    mutationFn: () => dataOf(api.GET('/v2/process-instances/{key}/scenario', { params: { path: { key } } })),
  });
  const items = [
    { key: 'json', label: t('export.json') },
    { key: 'print', label: t('export.print') },
    ...(may('variable:read') && may('element-instance:read') ? [{ key: 'scenario', label: t('export.scenario') }] : []),
  ];
  const choose = (chosen: string) => {
    if (chosen === 'json') json.mutate();
    else if (chosen === 'print') window.open(`${caseAddress(key)}/print`, '_blank', 'noopener');
    else scenario.mutate();
  };
  return (
    <>
      <Dropdown trigger={['click']} menu={{ items, onClick: ({ key: chosen }) => choose(chosen) }}>
        <Button icon={<DownloadOutlined />} loading={json.isPending || scenario.isPending}>
          {t('export')}
        </Button>
      </Dropdown>
      <Modal
        open={scenario.isSuccess || scenario.isError}
        title={t('export.scenario')}
        width={760}
        onCancel={() => scenario.reset()}
        cancelText={t('close')}
        okText={t('export.download')}
        okButtonProps={{ disabled: !scenario.data }}
        onOk={() => scenario.data && download(`${name}.scenario.yaml`, scenario.data.scenario, 'text/yaml')}
      >
        {scenario.isError && <ProblemNotice error={scenario.error} retry={() => scenario.mutate()} />}
        {scenario.data && (
          <>
            <Alert
              type={scenario.data.passes ? 'success' : 'warning'}
              showIcon
              title={t(scenario.data.passes ? 'export.passes' : 'export.fails')}
              description={
                scenario.data.remarks.length > 0 && (
                  <ul style={{ margin: 0, paddingInlineStart: 20 }}>
                    {scenario.data.remarks.map((remark, index) => (
                      <li key={index}>{remark}</li>
                    ))}
                  </ul>
                )
              }
            />
            <pre tabIndex={0} style={{ maxHeight: 400, overflow: 'auto', fontSize: 12 }}>
              {scenario.data.scenario}
            </pre>
          </>
        )}
      </Modal>
    </>
  );
}
