/** What a page filters and sorts by, in its address: it survives a reload, can be sent to a colleague, goes back with Back. */
import { useCallback, useEffect, useMemo } from 'react';
import { useSearchParams } from 'react-router';

/** What was asked for last and is not shown yet: a second change, made before that, must not undo the first. */
let asked: { over: string; search: string } | null = null;

/** The values of some parameters of the address; empty ones are not in it. `set` changes those it is given. */
export function useUrlState<Values extends Record<string, string>>(
  defaults: Values,
): [Values, (changed: Partial<Values>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const shape = JSON.stringify(defaults);
  const values = useMemo(() => {
    const known = JSON.parse(shape) as Values;
    return Object.fromEntries(Object.entries(known).map(([name, value]) => [name, parameters.get(name) ?? value])) as Values;
  }, [parameters, shape]);
  useEffect(() => {
    asked = null;
  }, [parameters]);
  const set = useCallback(
    (changed: Partial<Values>) => {
      const known = JSON.parse(shape) as Values;
      const { pathname, search } = window.location;
      const over = pathname + search;
      const after = new URLSearchParams(asked?.over === over ? asked.search : search);
      for (const [name, value] of Object.entries(changed)) {
        if (value === undefined || value === known[name]) after.delete(name);
        else after.set(name, value as string);
      }
      asked = { over, search: after.toString() };
      setParameters(after, { replace: true });
    },
    [setParameters, shape],
  );
  return [values, set];
}
