/** The boxes across the top of the desk, each with how many tasks are in it now. */
import { useRef } from 'react';
import { Link } from 'react-router';

import { API_BOX, BOXES } from './boxes';
import { useInSight } from './inSight';
import styles from './review.module.css';
import { useText } from './strings';
import { useCounts } from './tasks';

type Place = (typeof BOXES)[number] | 'started';

export function Boxes({ current }: { current: Place }) {
  const t = useText();
  const counts = useCounts();
  const list = useRef<HTMLUListElement>(null);
  useInSight(list, '[aria-current]', current);
  const textOf = (count: number) => (count >= (counts?.countedUpTo ?? Infinity) ? `${count}+` : String(count));
  return (
    <nav aria-label={t('box.label')}>
      <ul className={styles.boxes} ref={list}>
        {([...BOXES, 'started'] as const).map((box) => {
          const count = counts?.[box === 'started' ? 'started' : API_BOX[box]];
          const overdue = box === 'todo' ? counts?.overdue : 0;
          const name = t(`box.${box}`);
          return (
            <li key={box}>
              <Link
                to={`/review/${box}`}
                aria-current={box === current ? 'page' : undefined}
              >
                {name}{' '}
                {count !== undefined && <span className={box === 'todo' || box === 'claimable' ? `${styles.count} ${styles.waiting}` : styles.count}>{textOf(count)}</span>}
                {!!overdue && <span className={styles.late}>{t('box.overdue', { count: overdue })}</span>}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

