/**
 * The desks: a folder each, loaded when somebody opens it, shown to those whose permissions it serves.
 *
 * A new desk is a folder in `src/desks` and an entry here.
 */
import { AuditOutlined, FolderOpenOutlined, PartitionOutlined, ToolOutlined } from '@ant-design/icons';
import { lazy, type ComponentType, type ReactNode } from 'react';

import { may, type Me } from '../api/me';
import type zh from '../i18n/shell.zh';
import { caseAddress, taskAddress } from './addresses';

export interface Desk {
  /** The folder, and the first part of its addresses. */
  id: 'review' | 'cases' | 'design' | 'operate';
  label: keyof typeof zh;
  icon: ReactNode;
  /** Shown to whoever has one of these. */
  permissions: readonly string[];
  Page: ComponentType;
}

const PAGES = {
  review: () => import('../desks/review'),
  cases: () => import('../desks/cases'),
  design: () => import('../desks/design'),
  operate: () => import('../desks/operate'),
};

export const DESKS: readonly Desk[] = [
  {
    id: 'review',
    label: 'desk.review',
    icon: <AuditOutlined />,
    permissions: ['user-task:complete', 'user-task:claim'],
    Page: lazy(PAGES.review),
  },
  {
    id: 'cases',
    label: 'desk.cases',
    icon: <FolderOpenOutlined />,
    permissions: ['process-instance:read'],
    Page: lazy(PAGES.cases),
  },
  {
    id: 'design',
    label: 'desk.design',
    icon: <PartitionOutlined />,
    permissions: ['deployment:create'],
    Page: lazy(PAGES.design),
  },
  {
    id: 'operate',
    label: 'desk.operate',
    icon: <ToolOutlined />,
    permissions: ['incident:resolve'],
    Page: lazy(PAGES.operate),
  },
];

/** Begin to load the page of an address before it is known whether it may be shown: both take a while. */
export function preload(pathname: string): void {
  const desk = pathname.split('/')[1] ?? '';
  if (desk in PAGES) void PAGES[desk as Desk['id']]();
}

/** Where somebody sees a task: on its page, or in its case where the page is not open to them. */
export function taskPlace(me: Me, userTaskKey: string, processInstanceKey: string): string {
  if (desksOf(me).some(({ id }) => id === 'review')) return taskAddress(userTaskKey);
  return may(me, 'process-instance:read') ? `${caseAddress(processInstanceKey)}?tab=tasks` : '/';
}

/** The desks that are open to somebody. */
export function desksOf(me: Me): readonly Desk[] {
  return DESKS.filter(({ permissions }) => permissions.some((each) => may(me, each)));
}
