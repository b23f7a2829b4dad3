// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { MemoryRouter, Route, Routes, useLocation } from 'react-router';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { DataTable, type Column } from './DataTable';
import type { SearchRequest } from './useRows';

interface Row {
  key: string;
  name: string;
}

const COLUMNS: Column<Row>[] = [
  { key: 'name', title: '名称', width: 200, sort: 'name', render: ({ name }) => name },
  { key: 'key', title: '编号', width: 100, hidden: true, render: ({ key }) => key },
];
const TOTAL = 250;
let asked: SearchRequest[];

/** A server with some rows, whose cursor is the number of the next one. */
const search = async (request: SearchRequest) => {
  asked.push(request);
  const from = Number(request.page.after ?? 0);
  const items = Array.from({ length: Math.min(request.page.limit, TOTAL - from) }, (_, index) => ({
    key: String(from + index),
    name: `任务 ${from + index}`,
  }));
  return { items, page: { totalItems: TOTAL, hasMoreTotalItems: false, endCursor: String(from + items.length) } };
};

function Address() {
  const { pathname, search: query } = useLocation();
  return <output>{pathname + query}</output>;
}

function show(rows = search) {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MemoryRouter>
        <Routes>
          <Route
            path="*"
            element={
              <>
                <DataTable
                  id="test"
                  label="任务"
                  columns={COLUMNS}
                  rowKey={({ key }) => key}
                  queryKey={['post', '/v2/tests/search', {}]}
                  search={rows}
                  defaultSort={{ field: 'name', order: 'ASC' }}
                  to={({ key }) => `/rows/${key}`}
                  empty={<p>这里会列出任务</p>}
                />
                <Address />
              </>
            }
          />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  asked = [];
  localStorage.clear();
});
afterEach(cleanup);

it('draws what can be seen of the first page', async () => {
  show();
  await screen.findByText('任务 0');
  expect(screen.getAllByRole('row').length).toBeLessThan(60);
  expect(asked[0]).toEqual({ sort: [{ field: 'name', order: 'ASC' }], page: { limit: 100 } });
});

it('fetches further pages with the cursor when the end comes near', async () => {
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, value: 880 });
  show();
  await screen.findByText('任务 0');
  const scroller = screen.getAllByRole('region', { name: '任务' }).at(-1)!;
  scroller.scrollTop = 90 * 44;
  fireEvent.scroll(scroller);
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(asked[1]!.page.after).toBe('100');
  await screen.findByText('任务 101');
});

it('sorts by a column, and says so in the address', async () => {
  show();
  await screen.findByText('任务 0');
  fireEvent.click(screen.getByRole('button', { name: '名称' }));
  await waitFor(() => expect(asked.at(-1)!.sort).toEqual([{ field: 'name', order: 'DESC' }]));
  expect(screen.getByRole('status', { name: '' }).textContent).toContain('sort=-name');
});

it('opens the row that the keyboard has come to', async () => {
  show();
  await screen.findByText('任务 0');
  for (const key of ['j', 'j', 'k', 'j', 'Enter']) fireEvent.keyDown(document.body, { key });
  await waitFor(() => expect(document.querySelector('output')!.textContent).toBe('/rows/1'));
});

it('teaches where there is nothing, and says what went wrong', async () => {
  show(async () => ({ items: [], page: { totalItems: 0, hasMoreTotalItems: false, endCursor: '' } }));
  await screen.findByText('这里会列出任务');
  cleanup();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  show(() => Promise.reject(new Error('broken')));
  expect((await screen.findByRole('alert')).textContent).toContain('broken');
  expect(screen.queryByText('这里会列出任务')).toBeNull();
});
