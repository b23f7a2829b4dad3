/** What has come of a publication, file by file. */
import { CheckCircleFilled } from '@ant-design/icons';
import { Button, Modal, Tag } from 'antd';

import { ProblemNotice } from '../../../ui/ProblemNotice';
import { KindTag } from '../KindTag';
import { useText } from '../strings';
import type { DeployedThing } from './deployedItems';
import styles from './Publish.module.css';

interface Props {
  things: readonly DeployedThing[];
  /** What went wrong after everything had been published. */
  failures: readonly unknown[];
  onClose: () => void;
  onOpen: (thing: DeployedThing) => void;
}

export function Published({ things, failures, onClose, onOpen }: Props) {
  const t = useText();
  const isAnythingNew = things.some(({ isNew }) => isNew);
  return (
    <Modal
      open
      title={
        <>
          <CheckCircleFilled style={{ color: 'var(--ll-success)' }} /> {t(isAnythingNew ? 'published.title' : 'published.nothingNew')}
        </>
      }
      onCancel={onClose}
      footer={
        <>
          <Button onClick={() => onOpen(things[0]!)} disabled={things.length === 0}>
            {t('published.open')}
          </Button>
          <Button type="primary" onClick={onClose}>
            {t('published.stay')}
          </Button>
        </>
      }
    >
      <ul className={styles.published} data-testid="published">
        {things.map((thing) => (
          <li key={thing.resourceKey}>
            <KindTag kind={thing.kind} />
            <span>{t('published.item', { name: thing.name, version: thing.version })}</span>
            {thing.isNew ? <Tag color="success">{t('published.new')}</Tag> : <Tag>{t('published.unchanged')}</Tag>}
          </li>
        ))}
      </ul>
      {isAnythingNew && <p className="secondary">{t('published.text')}</p>}
      {failures.map((failure, index) => (
        <ProblemNotice key={index} error={failure} title={t('published.notSettled')} />
      ))}
    </Modal>
  );
}
