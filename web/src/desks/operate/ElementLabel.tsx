/** An element of a process version by the name that its designer gave it. */
import { useProcessFile } from '../../processes/names';

export function ElementLabel({ definition, id }: { definition: string; id: string }) {
  const { nameOf } = useProcessFile(definition);
  return <span title={id}>{nameOf(id)}</span>;
}
