/** What somebody may do with a task, and why not. */
import type { UserTask } from '../../api/schema';

export type Standing =
  /** It is mine to fill in. */
  | 'mine'
  /** Nobody has it; I may take it. */
  | 'claimable'
  /** Why it can only be read. */
  | 'unclaimed'
  | 'other'
  | 'mayNot'
  | 'suspended'
  | 'completed'
  | 'canceled';

export function standingOf(task: UserTask, me: { username: string }, may: (permission: string) => boolean): Standing {
  if (task.state === 'COMPLETED') return 'completed';
  if (task.state !== 'CREATED') return 'canceled';
  if (task.suspended) return 'suspended';
  if (task.assignee === null) return may('user-task:claim') ? 'claimable' : 'unclaimed';
  if (task.assignee !== me.username) return 'other';
  return may('user-task:complete') ? 'mine' : 'mayNot';
}
