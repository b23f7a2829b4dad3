/** Somebody, by the name that people call them; the user name is the title, or beside it where it is evidence. */
import { useGroupNames, useNames } from './names';

interface Props {
  username: string | null | undefined;
  /** Also tell the user name: in what is kept, printed or may have to be proved. */
  exact?: boolean;
}

export function Person({ username, exact = false }: Props) {
  const name = useNames([username], { exact })(username);
  return <span title={username && !exact && name !== username ? username : undefined}>{name}</span>;
}

/** Groups by their names, one after the other; `—` for none. */
export function Groups({ ids }: { ids: readonly string[] }) {
  const nameOf = useGroupNames(ids);
  return <span title={ids.some((id) => nameOf(id) !== id) ? ids.join(', ') : undefined}>{ids.map(nameOf).join(', ') || '—'}</span>;
}
