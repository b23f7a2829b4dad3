/** The boxes across the top of the desk, each with how many tasks are in it now. */
import { Link } from 'react-router';

import { useMe } from '../../api/me';
import { BOXES } from './boxes';
import styles from './review.module.css';
import { useText } from './strings';
import { useCounts, type Count } from './tasks';

type Place = (typeof BOXES)[number] | 'started';

export function Boxes({ current }: { current: Place }) {
  const t = useText();
  const counts = useCounts(useMe().username);
  return (
    <nav aria-label={t('box.label')}>
      <ul className={styles.boxes}>
        {([...BOXES, 'started'] as const).map((box) => {
          const count = box === 'todo' || box === 'claimable' ? counts?.[box] : undefined;
          const name = t(`box.${box}`);
          return (
            <li key={box}>
              <Link
                to={`/review/${box}`}
                aria-current={box === current ? 'page' : undefined}
                {...(count && { 'aria-label': t('box.count', { name, count: count.total }) })}
              >
                {name}
                {count && <span className={styles.count}>{textOf(count)}</span>}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

const textOf = ({ total, isMore }: Count) => (isMore ? `${total}+` : String(total));
