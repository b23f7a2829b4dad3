/** Asks once more before a task is submitted, and shows what will be: a case that has moved on does not come back. */
import { Modal } from 'antd';

import { ProblemNotice } from '../../ui/ProblemNotice';
import type { FormField } from './formFields';
import styles from './review.module.css';
import { useText } from './strings';
import { Value } from './Value';

interface Props {
  /** What was entered; null while nothing is asked. */
  data: Readonly<Record<string, unknown>> | null;
  fields: readonly FormField[];
  title: string;
  caption: string;
  pending: boolean;
  error: unknown;
  why: string;
  onConfirm: () => void;
  onCancel: () => void;
}

export function Confirm({ data, fields, title, caption, pending, error, why, onConfirm, onCancel }: Props) {
  const t = useText();
  const entered = fields.filter(({ readOnly, path }) => !readOnly && data !== null && !path.includes('.'));
  return (
    <Modal
      open={data !== null}
      title={title}
      okText={caption}
      cancelText={t('confirm.cancel')}
      okButtonProps={{ autoFocus: true }}
      confirmLoading={pending}
      onOk={onConfirm}
      onCancel={() => !pending && onCancel()}
      mask={{ closable: !pending }}
      destroyOnHidden
    >
      <p>{why}</p>
      {entered.length > 0 && (
        <dl className={styles.entered} aria-label={t('task.confirmOf')} tabIndex={0}>
          {entered.map((field) => (
            <div key={field.path}>
              <dt>{field.label}</dt>
              <dd>
                {data?.[field.path] === undefined || data[field.path] === null || data[field.path] === '' ? (
                  <span className="secondary">{t('task.empty')}</span>
                ) : (
                  <Value name={field.path} value={data[field.path]} field={field} label={field.label} />
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {error !== null && <ProblemNotice error={error} title={t('task.refused')} />}
    </Modal>
  );
}
