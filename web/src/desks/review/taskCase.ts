/** What a task's page knows about its case: the variables it sees, its form, and the words for both. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { api, dataOf } from '../../api/client';
import type { Form, UserTask } from '../../api/schema';
import { valueOf } from './facts';
import { fieldsOf, type FormField } from './formFields';

export type Variables = Readonly<Record<string, unknown>>;

const MOST_VARIABLES = 5_000;

/** The variables that a task sees, by name, with all their digits and whole values. */
export function useTaskVariables(key: string) {
  return useQuery({
    queryKey: ['post', '/v2/user-tasks/{key}/effective-variables/search', key],
    queryFn: async (): Promise<Variables> => {
      const { items } = await dataOf(
        api.POST('/v2/user-tasks/{key}/effective-variables/search', {
          params: { path: { key } },
          body: { page: { limit: MOST_VARIABLES } },
        }),
      );
      const whole = await Promise.all(items.map(async ({ name, value, isTruncated, variableKey }) => [name, isTruncated ? await wholeValue(variableKey) : value] as const));
      return Object.fromEntries(whole.map(([name, value]) => [name, valueOf(value)]));
    },
  });
}

async function wholeValue(variableKey: string): Promise<string> {
  return (await dataOf(api.GET('/v2/variables/{variable_key}', { params: { path: { variable_key: variableKey } } }))).value;
}

/** The form of a task; null where it has none. A form never changes: its next version has another key. */
export function useTaskForm(key: string) {
  return useQuery({
    queryKey: ['review', 'form', key],
    queryFn: async (): Promise<Form | null> => (await api.GET('/v2/user-tasks/{key}/form', { params: { path: { key } } })).data ?? null,
    staleTime: Infinity,
  });
}

/** The start form of a process; null where it has none. */
export function useStartForm(definitionKey: string) {
  return useQuery({
    queryKey: ['review', 'startForm', definitionKey],
    queryFn: async (): Promise<Form | null> =>
      (await api.GET('/v2/process-definitions/{key}/form', { params: { path: { key: definitionKey } } })).data ?? null,
    staleTime: Infinity,
  });
}

/** The form that a task's case began with, be it that of a process that called the task's; null where there is none. */
function useCaseForm(key: string) {
  return useQuery({
    queryKey: ['review', 'caseForm', key],
    queryFn: async (): Promise<Form | null> => (await api.GET('/v2/user-tasks/{key}/start-form', { params: { path: { key } } })).data ?? null,
    staleTime: Infinity,
  });
}

/** The fields by which variables are named, and whether the forms that have them are read. */
export interface KnownForms {
  /** Of the form that the case began with, in its order, then those that only the task's form has. */
  fields: readonly FormField[];
  isPending: boolean;
  /** Why a form could not be read; its fields have no words. */
  error: unknown;
  retry: () => void;
}

export function useFields(task: UserTask): KnownForms {
  const forms = [useCaseForm(task.userTaskKey), useTaskForm(task.userTaskKey)];
  const [first, second] = forms.map(({ data }) => data?.schema);
  const fields = useMemo(() => {
    const found = new Map<string, FormField>();
    for (const field of [first, second].flatMap(fieldsOf)) if (!found.has(field.path)) found.set(field.path, field);
    return [...found.values()];
  }, [first, second]);
  const unread = forms.filter(({ isError, data }) => isError && data === undefined);
  return {
    fields,
    isPending: forms.some(({ isPending }) => isPending),
    error: unread[0]?.error ?? null,
    retry: () => void Promise.all(unread.map((each) => each.refetch())),
  };
}
