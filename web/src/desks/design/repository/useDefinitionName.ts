/** What people call a definition; its id, as long as that is not known. */
import { useQuery } from '@tanstack/react-query';

import { repositoryQuery } from '../api';

export function useDefinitionName(): (id: string) => string {
  const { data } = useQuery(repositoryQuery);
  return (id) => {
    const item = data?.items.find((each) => each.id === id);
    return item?.name ?? item?.decisions[0]?.name ?? id;
  };
}
