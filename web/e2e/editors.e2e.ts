/**
 * What designers do in the editors, from end to end: a finding and its cure on the canvas, a token that runs, scenarios
 * and what they reach, versions side by side, files of Camunda's Modeler, and drafts that outlive their page.
 */
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { asker, examine, examineInBoth, expectAccessible, expectMarkUncovered, screenshot, settled, signedIn, until, type Person } from './browser';

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const DISBURSEMENT = file('processes/disbursement.bpmn');

interface Draft {
  draftKey: string;
  content: string;
}

async function draftOf(kind: string, name: string, content: string): Promise<string> {
  const ask = await asker('xu.li');
  return (await ask<Draft>('POST', '/v2/drafts', { kind, name, content })).draftKey;
}

const savedContent = async (key: string) => (await (await asker('xu.li'))<Draft>('GET', `/v2/drafts/${key}`)).content;

/** Choose an element of the diagram; its properties are shown. */
async function choose({ page }: Person, id: string): Promise<void> {
  await page.locator(`.djs-element[data-element-id="${id}"] .djs-hit`).first().click({ position: { x: 12, y: 12 }, force: true });
  await page.locator('.djs-context-pad.open').waitFor();
}

async function open(person: Person, kind: string, name: string, content: string): Promise<string> {
  const key = await draftOf(kind, name, content);
  await person.page.goto(`/design/drafts/${key}`);
  return key;
}

it('marks a finding at its element, refuses to publish it there, and is content when it is cured', async () => {
  const designer = await signedIn('xu.li');
  const { page } = designer;
  const key = await open(designer, 'bpmn', '放款待改', DISBURSEMENT.replace('type="notice-send"', 'type=""'));
  const mark = page.locator('.djs-overlays[data-container-id="finance-check-remind"] .ll-finding-error');
  await mark.waitFor();
  expect(await mark.getAttribute('aria-label')).toContain('任务类型');
  await page.getByTestId('findings').getByText('1 个错误').waitFor();
  await examine(designer, 'design-finding');

  await page.getByRole('button', { name: '发布' }).click();
  const dialog = page.getByRole('dialog', { name: '发布“放款待改”' });
  await dialog.getByText('有 1 个错误，更正后才能发布').waitFor();
  expect(await dialog.getByRole('button', { name: '发布' }).isDisabled()).toBe(true);
  await examine(designer, 'design-refused');
  await dialog.getByRole('button', { name: 'finance-check-remind' }).first().click();
  await dialog.waitFor({ state: 'hidden' });
  const panel = page.getByRole('region', { name: '属性' });
  await panel.getByText('催办提醒').first().waitFor();

  await panel.getByText('任务定义', { exact: true }).click();
  await panel.locator('[data-entry-id="taskDefinitionType"] [role="textbox"], [data-entry-id="taskDefinitionType"] input').first().click();
  await page.keyboard.type('notice-send');
  await mark.waitFor({ state: 'detached' });
  await page.getByTestId('findings').getByText('1 个错误').waitFor({ state: 'detached' });
  await until(async () => (await savedContent(key)).includes('notice-send" retries="5"'));
});

it('runs a token through the process', async () => {
  const designer = await signedIn('xu.li');
  const { page } = designer;
  await open(designer, 'bpmn', '放款模拟', DISBURSEMENT);
  await page.locator('.bts-toggle-mode').click();
  await page.locator('.djs-overlays[data-container-id="disbursement-requested"] .bts-context-pad').first().click();
  await page.locator('.bts-palette [title="显示或隐藏模拟记录"]').click();
  await page.locator('.bts-log .bts-entry', { hasText: '财务复核' }).first().waitFor({ timeout: 60_000 });
  await expectMarkUncovered(designer);
  await screenshot(designer, 'design-simulation-log');
  await page.locator('.bts-toggle-mode').click();
  await page.locator('.djs-palette').waitFor();
  await page.locator('.bts-log').waitFor({ state: 'hidden' });
});

it('says which scenario failed, and shows on the diagram what none has reached', async () => {
  const [head, first, second] = file('processes/disbursement.scenario.yaml').split('\n  - name: ');
  const name = `只退回 ${Date.now()}`;
  await draftOf('scenario', name, [head, first, second!.replace('state: completed', 'state: active')].join('\n  - name: '));
  const designer = await signedIn('xu.li');
  const { page } = designer;
  await open(designer, 'bpmn', 'disbursement', DISBURSEMENT);
  await page.locator('.djs-palette').waitFor();
  await page.getByRole('button', { name: '场景测试' }).click();
  const side = page.getByRole('complementary', { name: '场景测试' });
  await side.getByRole('combobox').click();
  await page.getByTitle(new RegExp(`^${name}`)).click();
  await page.keyboard.press('Escape');
  await side.getByRole('button', { name: '运行' }).click();
  await side.getByText('2 个场景中通过 1 个').waitFor();
  await side.getByRole('listitem').filter({ hasText: '财务退回' }).getByText('第').first().waitFor();
  await side.getByRole('listitem').filter({ hasText: '财务退回' }).getByText('正常结束').first().waitFor();
  await examine(designer, 'design-scenario-failed');

  await side.getByRole('button', { name: '在图上查看' }).click();
  const dialog = page.getByRole('dialog', { name: '“放款”的覆盖' });
  await dialog.locator('.djs-element.ll-passed[data-element-id="loan-book"]').waitFor();
  await dialog.locator('.djs-element.ll-passed[data-element-id="cancelled"]').waitFor();
  expect(await dialog.locator('.djs-element.ll-passed[data-element-id="payment-query"]').count()).toBe(0);
  await dialog.getByText(/还有 \d+ 处没有走到/).waitFor();
  await dialog.getByText(/(：|；)查询付款结果；/).waitFor();
  await examine(designer, 'design-coverage-partial');
});

it('compares versions of a process in the picture and in words, and puts the old one back', async () => {
  const designer = await signedIn('xu.li');
  const { page } = designer;
  const publish = async (note: string, version: number) => {
    await page.getByRole('button', { name: '发布' }).click();
    await page.getByRole('dialog').getByLabel('说明').fill(note);
    await page.getByRole('dialog').getByRole('button', { name: '发布' }).click();
    await page.getByTestId('published').getByText(`第 ${version} 版`).waitFor();
  };
  const id = `small-payout-${Date.now()}`;
  const small = DISBURSEMENT.replaceAll('id="disbursement"', `id="${id}"`).replaceAll('bpmnElement="disbursement"', `bpmnElement="${id}"`).replace('name="放款"', 'name="小额放款"');
  await open(designer, 'bpmn', id, small);
  await page.locator('.djs-palette').waitFor();
  await publish('第一次发布', 1);
  await page.getByRole('button', { name: '继续编辑' }).click();
  const ask = await asker('ma.chao');
  const { processInstanceKey } = await ask<{ processInstanceKey: string }>('POST', '/v2/process-instances', { processDefinitionId: id, variables: {} });

  await choose(designer, 'payment-pay');
  const panel = page.getByRole('region', { name: '属性' });
  await panel.getByText('常规', { exact: true }).click();
  await panel.locator('#bio-properties-panel-name').fill('转账');
  await panel.getByText('任务定义', { exact: true }).click();
  await panel.locator('[data-entry-id="taskDefinitionRetries"] [role="textbox"], [data-entry-id="taskDefinitionRetries"] input').first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('8');
  await publish('改名，多试几次', 2);
  await page.getByRole('button', { name: '查看版本' }).click();

  await page.getByRole('button', { name: '比较所选版本' }).click();
  const words = page.getByTestId('changes');
  await words.getByText('转账').first().waitFor();
  const rows = await words.locator('tbody').filter({ hasText: 'payment-pay' }).or(words.locator('tbody').filter({ hasText: '转账' })).locator('tr').allTextContents();
  expect(rows.some((row) => /付款.*转账$/.test(row))).toBe(true);
  expect(rows.some((row) => /[1-7]8$/.test(row))).toBe(true);
  for (const side of ['diagram-before', 'diagram-after']) {
    await page.getByTestId(side).locator('.djs-element.ll-diff-changed[data-element-id="payment-pay"]').waitFor();
    expect(await page.getByTestId(side).locator('.djs-element.ll-diff-changed').count()).toBe(1);
  }
  await expectMarkUncovered(designer);
  await examineInBoth(designer, 'design-compare-process');

  await page.getByRole('link', { name: '全部版本' }).click();
  await page.getByRole('button', { name: '恢复此版本' }).click();
  await page.getByRole('dialog').getByLabel('原因').fill('新版本有误');
  await examine(designer, 'design-restore');
  await page.getByRole('dialog').getByRole('button', { name: '恢复' }).click();
  await page.getByText('恢复自第 1 版').waitFor();
  const next = await ask<{ processDefinitionVersion: number }>('POST', '/v2/process-instances', { processDefinitionId: id, variables: {} });
  expect(next.processDefinitionVersion).toBe(3);
  const running = await ask<{ processDefinitionVersion: number }>('GET', `/v2/process-instances/${processInstanceKey}`);
  expect(running.processDefinitionVersion).toBe(1);
});

describe('a file of Camunda Modeler', () => {
  const take = async ({ page, language }: Person, name: string, content: string) => {
    await page.goto('/design');
    await page.getByRole('button', { name: language === 'zh' ? '导入文件' : 'Import a file' }).click();
    await page.locator('input[type="file"]').setInputFiles({ name, mimeType: 'application/xml', buffer: Buffer.from(content) });
    await page.waitForURL('**/design/drafts/*');
    await page.locator('.djs-palette').waitFor();
    return page.url().split('/').at(-1)!;
  };

  it.each(['zh', 'en'] as const)('for Camunda 8 opens, is checked, and says what it lacks (%s)', async (language) => {
    const said = (zh: string, en: string) => (language === 'zh' ? zh : en);
    const designer = await signedIn('xu.li', { language });
    const { page } = designer;
    await take(designer, 'payout-c8.bpmn', file('web/e2e/files/camunda-8.bpmn'));
    await page.locator('.djs-overlays[data-container-id="notify"] .ll-finding').waitFor();
    await page.getByRole('button', { name: said('检查结果', 'Findings') }).click();
    await page.getByText('zeebe:executionListeners').waitFor();
    await examine(designer, 'design-camunda-8');

    await page.getByRole('button', { name: said('删除它', 'Remove it'), exact: true }).click();
    await page.locator('.djs-overlays[data-container-id="notify"] .ll-finding').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: said('撤销', 'Undo') }).click();
    await page.locator('.djs-overlays[data-container-id="notify"] .ll-finding').waitFor();

    await page.getByRole('button', { name: 'notify', exact: true }).click();
    const listeners = page.locator('[data-group-id="group-Zeebe__ExecutionListeners"]');
    await listeners.locator('.bio-properties-panel-group-header').click();
    await listeners.locator('.bio-properties-panel-list-item').hover();
    await listeners.getByRole('button', { name: said('删除此项', 'Delete item') }).click();
    await page.locator('.djs-overlays[data-container-id="notify"] .ll-finding').waitFor({ state: 'detached' });
    await page.locator('.djs-overlays[data-container-id="check"] .ll-finding-warning').waitFor();
    await page.getByText('payout-check').first().waitFor();
  });

  it.each(['zh', 'en'] as const)('for Camunda 7 opens, says what it lacks, and loses nothing when it is saved (%s)', async (language) => {
    const said = (zh: string, en: string) => (language === 'zh' ? zh : en);
    const designer = await signedIn('xu.li', { language });
    const { page } = designer;
    const key = await take(designer, 'payout-c7.bpmn', file('web/e2e/files/camunda-7.bpmn'));
    await page.getByText(said('此文件带有 Camunda 7 的扩展属性', 'This file has attributes of Camunda 7')).waitFor();
    await page.locator('.djs-overlays[data-container-id="pay"] .ll-finding-error').waitFor();
    await page.getByRole('button', { name: said('检查结果', 'Findings') }).click();
    await page.getByText('camunda:class').first().waitFor();
    await examine(designer, 'design-camunda-7');

    await choose(designer, 'check');
    const panel = page.getByRole('region', { name: said('属性', 'Properties') });
    await panel.getByText(said('常规', 'General'), { exact: true }).click();
    await panel.locator('#bio-properties-panel-name').fill('复核');
    const saved = await until(async () => {
      const content = await savedContent(key);
      return content.includes('name="复核"') && content;
    });
    for (const kept of ['camunda:assignee="${reviewer}"', 'camunda:class="com.example.Pay"', 'camunda:type="external"', 'camunda:topic="notify"', '<camunda:inputParameter name="amount">', '${approved}']) {
      expect(saved).toContain(kept);
    }
  });

  it.each(['zh', 'en'] as const)('for Camunda 7 is rid of what is not executed, from the findings and from the panel (%s)', async (language) => {
    const said = (zh: string, en: string) => (language === 'zh' ? zh : en);
    const designer = await signedIn('xu.li', { language });
    const { page } = designer;
    const key = await take(designer, 'payout-c7.bpmn', file('web/e2e/files/camunda-7.bpmn'));
    const marked = page.locator('.djs-overlays[data-container-id="pay"] .ll-finding-error');
    await marked.waitFor();
    await page.getByRole('button', { name: said('检查结果', 'Findings') }).click();
    const finding = page.getByRole('region', { name: said('检查结果', 'Findings') }).getByRole('listitem').filter({ hasText: 'camunda:class' });
    const group = page.locator('[data-group-id="group-lendloom-foreign"]');

    // From the findings; Ctrl+Z brings it back, wherever the focus is.
    await finding.getByRole('button', { name: said('删除它', 'Remove it'), exact: true }).click();
    await finding.waitFor({ state: 'detached' });
    await until(async () => !(await savedContent(key)).includes('camunda:class'));
    await page.keyboard.press('Control+z');
    await finding.waitFor();
    await until(async () => (await savedContent(key)).includes('camunda:class="com.example.Pay"'));

    // From the panel, which says what the server thinks of each.
    await finding.getByRole('button', { name: 'pay', exact: true }).click();
    const item = group.locator('.bio-properties-panel-list-item').filter({ hasText: 'camunda:class' });
    await item.getByText('camunda:class').first().click();
    await item.getByText(said('不会被执行', 'is not executed')).waitFor();
    expect(await item.locator('input').inputValue()).toBe('com.example.Pay');
    await examine(designer, 'design-camunda-7-panel');
    await item.hover();
    await item.getByRole('button', { name: said('删除此项', 'Delete item') }).click();
    await finding.waitFor({ state: 'detached' });
    await group.waitFor({ state: 'detached' });

    // What stands in its place is a job; then nothing is wrong at the task any more.
    const panel = page.getByRole('region', { name: said('属性', 'Properties') });
    await panel.getByText(said('任务定义', 'Task definition'), { exact: true }).click();
    await panel.locator('[data-entry-id="taskDefinitionType"] [role="textbox"], [data-entry-id="taskDefinitionType"] input').first().click();
    await page.keyboard.type('payment-pay');
    await marked.waitFor({ state: 'detached' });
    const saved = await until(async () => {
      const content = await savedContent(key);
      return content.includes('type="payment-pay"') && content;
    });
    expect(saved).not.toContain('camunda:class');
    expect(saved).toContain('camunda:topic="notify"');

    // An extension element goes with all that it holds.
    await page.getByRole('listitem').filter({ hasText: 'camunda:asyncBefore' }).getByRole('button', { name: 'notify', exact: true }).click();
    const mapping = group.locator('.bio-properties-panel-list-item').filter({ hasText: 'camunda:inputOutput' });
    await mapping.hover();
    await mapping.getByRole('button', { name: said('删除此项', 'Delete item') }).click();
    await until(async () => !(await savedContent(key)).includes('inputOutput'));
    expect(await savedContent(key)).toContain('camunda:topic="notify"');
  });
});

describe.each(['zh', 'en'] as const)('a decision table (%s)', (language) => {
  const said = (zh: string, en: string) => (language === 'zh' ? zh : en);

  it('shows a gap, an overlap and a masked rule where they are, and the cure removes each', async () => {
    const designer = await signedIn('xu.li', { language });
    const { page } = designer;
    const first = file('web/e2e/files/faulty-table.dmn').replace('hitPolicy="UNIQUE"', 'hitPolicy="FIRST"').replace('&lt; 500', '&lt; 600');
    await open(designer, 'dmn', `风险分级 ${language}`, first.replace('[500..700)', '[500..600)'));
    await page.getByRole('tab').filter({ hasText: '风险分级' }).click();
    const findings = page.getByRole('region', { name: said('检查结果', 'Findings') });
    await findings.getByRole('button', { name: said('检查结果', 'Findings') }).click();
    const told = (text: string) => findings.getByRole('listitem').filter({ hasText: text });
    const cell = (row: string, column: string) => page.locator(`td[data-row-id="${row}"][data-col-id="${column}"]`);
    const marked = (selector: string, severity: string, text: string) => page.locator(`${selector}.ll-found-${severity}[title*="${text}"]`);
    const write = async (row: string, text: string) => {
      await cell(row, 'column-score').click();
      await page.keyboard.press('Control+A');
      await page.keyboard.insertText(text); // typed, a bracket would be closed
    };
    const [gap, masked, overlap] = [said('没有规则覆盖：评分', 'No rule covers 评分'), said('规则 2 从不起作用', 'Rule 2 never decides'), said('规则 1, 2 重叠', 'Rules 1, 2 overlap')];
    const column = 'th[data-col-id="column-score"]';

    // Rule 1 takes everything that rule 2 could; between 600 and 700 there is none.
    await marked(column, 'warning', gap).waitFor();
    await marked('td[data-row-id="rule-medium"][data-col-id="column-score"]', 'warning', masked).waitFor();
    await told(gap).waitFor();
    await told(masked).getByRole('button', { name: 'rule-medium' }).waitFor();
    await examine(designer, 'design-decision-findings');

    await write('rule-medium', '[600..700)');
    await told(masked).waitFor({ state: 'detached' });
    await page.locator('td[data-row-id="rule-medium"].ll-found-warning').first().waitFor({ state: 'detached' });
    await told(gap).getByText('700').first().waitFor();
    await marked(column, 'warning', gap).waitFor();
    await write('rule-low', '>= 700');
    await page.getByTestId('findings').getByText(said('没有发现问题', 'Nothing found')).waitFor();
    await page.locator(`${column}.ll-found`).waitFor({ state: 'detached' });

    // Where only one rule may hold, an overlap is an error at the rule that brings it.
    await open(designer, 'dmn', `风险分级 重叠 ${language}`, file('web/e2e/files/faulty-table.dmn').replace('[500..700)', '[400..700]'));
    await page.getByRole('tab').filter({ hasText: '风险分级' }).click();
    await marked('td[data-row-id="rule-medium"][data-col-id="column-score"]', 'error', overlap).waitFor();
    await page.getByTestId('findings').getByText(said('1 个错误', '1 error')).waitFor();
    await write('rule-medium', '[500..700]');
    await page.getByTestId('findings').getByText(said('没有发现问题', 'Nothing found')).waitFor();
    expect(await page.locator('.ll-found').count()).toBe(0);
  });
});

it('previews a form as it is edited, with its checks', async () => {
  const designer = await signedIn('xu.li');
  const { page } = designer;
  const key = await open(designer, 'form', '财务复核', file('forms/finance-check.form'));
  await page.locator('.fjs-palette-field').first().waitFor();
  await page.getByRole('button', { name: '预览', exact: true }).click();
  const side = page.getByRole('complementary', { name: '预览' });
  await side.locator('.fjs-form').waitFor();
  await side.getByRole('button', { name: '试提交' }).click();
  await side.getByText(/有 \d+ 个字段需要更正/).waitFor();
  await expectMarkUncovered(designer, 'aside .fjs-powered-by-link');
  await expectMarkUncovered(designer, '.lendloom-form-editor .fjs-powered-by-link');
  await screenshot(designer, 'design-form-tried');

  await page.locator('.lendloom-form-editor .fjs-element[data-field-type="textarea"], .lendloom-form-editor .fjs-form-field-textarea').first().click({ position: { x: 5, y: 5 } });
  await page.locator('.lendloom-form-editor').getByText('常规', { exact: true }).click();
  await page.locator('.lendloom-form-editor [data-entry-id="label"] [role="textbox"], .lendloom-form-editor [data-entry-id="label"] textarea, .lendloom-form-editor [data-entry-id="label"] input').first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('财务意见');
  await side.getByText('财务意见').waitFor();
  await until(async () => (await savedContent(key)).includes('"label": "财务意见"'));
  await page.getByRole('button', { name: '撤销' }).click();
  await side.getByText('财务意见').waitFor({ state: 'detached' });
  await until(async () => !(await savedContent(key)).includes('财务意见'));
});

describe.each(['light', 'dark'] as const)('in the %s theme, everybody can use', (theme) => {
  const pictured = (name: string) => (theme === 'dark' ? `${name}-dark` : name);

  it('the editor of processes, its menus and its simulation', async () => {
    const designer = await signedIn('xu.li', { theme });
    const { page } = designer;
    await open(designer, 'bpmn', '放款', DISBURSEMENT);
    await page.locator('.ll-finding').first().waitFor();
    await choose(designer, 'payment-pay');
    await page.getByText('任务定义', { exact: true }).click();
    await expectMarkUncovered(designer);
    await examine(designer, pictured('design-process-chosen'));
    await page.locator('.djs-context-pad [data-action="replace"]').click();
    await page.locator('.djs-popup').waitFor();
    await examine(designer, pictured('design-process-menu'));
    await page.keyboard.press('Escape');
    await page.locator('.djs-minimap .toggle').click();
    await page.locator('.djs-minimap.open').waitFor();
    await examine(designer, pictured('design-process-minimap'));

    await page.locator('.bts-toggle-mode').click();
    await page.locator('.djs-overlays[data-container-id="disbursement-requested"] .bts-context-pad').first().click();
    await page.locator('.bts-palette [title="显示或隐藏模拟记录"]').click();
    await page.locator('.bts-log .bts-entry', { hasText: '财务复核' }).first().waitFor({ timeout: 60_000 });
    await page.locator('.bts-palette [title="暂停模拟"], .bts-palette .bts-play-pause, .bts-palette .bts-entry').first().click();
    await expectMarkUncovered(designer);
    await examine(designer, pictured('design-simulation-paused'));
  });

  it('the editor of decisions, as a graph and as a table', async () => {
    const designer = await signedIn('xu.li', { theme });
    const { page } = designer;
    await open(designer, 'dmn', '定价', file('dmn/loan-pricing.dmn'));
    await page.locator('[data-testid="dmn-canvas"] .djs-shape').first().waitFor();
    await expectMarkUncovered(designer);
    await examine(designer, pictured('design-graph'));
    await page.getByRole('tab').nth(1).click();
    await page.getByText('命中策略').waitFor();
    await page.locator('td.input-cell').first().click();
    await expectMarkUncovered(designer);
    await examine(designer, pictured('design-table'));
  });

  it('the editor of forms with its preview, and the comparison of forms', async () => {
    const designer = await signedIn('xu.li', { theme });
    const { page } = designer;
    await open(designer, 'form', '财务复核', file('forms/finance-check.form'));
    await page.locator('.fjs-palette-field').first().waitFor();
    await examine(designer, pictured('design-form-editor'));
    await page.locator('[data-testid="form-canvas"] .fjs-form-field-textarea').first().click({ position: { x: 5, y: 5 } });
    await page.getByRole('button', { name: '预览', exact: true }).click();
    await page.locator('aside .fjs-form').waitFor();
    await expectMarkUncovered(designer, 'aside .fjs-powered-by-link');
    await examine(designer, pictured('design-form-beside'));
    await page.goto(await changedForm());
    await page.locator('.ll-form-diff').first().waitFor();
    await expectMarkUncovered(designer);
    await page.locator('#content').evaluate((content) => content.scrollTo(0, 0));
    await examine(designer, pictured('design-compare-form'));
  });
});

/** The address of a comparison: a published form, and a draft of it in which fields are new, gone and changed. */
async function changedForm(): Promise<string> {
  const ask = await asker('xu.li');
  const found = await ask<{ items: { resourceKey: string; resourceName: string }[] }>('POST', '/v2/resources/search', { filter: { resourceId: 'finance-check' } });
  const form = JSON.parse(file('forms/finance-check.form')) as { components: Record<string, unknown>[] };
  const name = form.components.find(({ id }) => id === 'Field_applicantName')!;
  Object.assign(name, { label: '收款户名', description: '与银行卡一致' });
  const bank = form.components.findIndex(({ id }) => id === 'Field_bankName');
  form.components.splice(bank, 1, { type: 'textfield', id: 'Field_branch', key: 'branch', label: '开户支行', layout: { row: 'Row_3', columns: 8 }, conditional: { hide: '=true' } });
  const { draftKey } = await ask<Draft>('POST', '/v2/drafts', { kind: 'form', name: '财务复核', content: JSON.stringify(form) });
  return `/design/compare?old=${found.items[0]!.resourceKey}&draft=${draftKey}`;
}

it.each(['zh', 'en'] as const)('compares versions of a form at its fields, with the values before and after (%s)', async (language) => {
  const said = (zh: string, en: string) => (language === 'zh' ? zh : en);
  const designer = await signedIn('xu.li', { language });
  const { page } = designer;
  await page.goto(await changedForm());
  const [before, after] = [page.getByTestId('form-before'), page.getByTestId('form-after')];
  const marks = async (side: typeof before) => {
    await side.locator('.ll-form-diff').first().waitFor();
    return side.locator('.ll-form-diff').evaluateAll((all) => all.map((each) => [(each as HTMLElement).dataset.part, each.className.split('ll-form-diff-')[1]]));
  };
  expect(await marks(before)).toEqual([['Field_applicantName', 'changed'], ['Field_bankName', 'removed']]);
  expect(await marks(after)).toEqual([['Field_applicantName', 'changed'], ['Field_branch', 'added']]);
  for (const side of [before, after]) {
    const words = await side.locator('[data-part="Field_applicantName"] .ll-form-diff-words').innerText();
    expect(words).toContain('户名 → 收款户名');
    expect(words).toContain('— → 与银行卡一致');
    expect(words).toContain(said('修改', 'changed'));
  }
  for (const word of said('新增 删除 修改 移动', 'added removed changed moved').split(' ')) await page.getByTestId('legend').getByText(word, { exact: true }).waitFor();

  await page.getByTestId('changes').getByRole('button', { name: '开户支行' }).click();
  await after.locator('[data-part="Field_branch"][data-selected]').waitFor();
  expect(await page.locator('[data-part][data-selected]').count()).toBe(1);
});

describe('the panels of an editor', () => {
  it.each([1280, 1440])('leave the canvas its room in a window of %i pixels', async (width) => {
    const designer = await signedIn('xu.li', { viewport: { width, height: 900 } });
    const { page } = designer;
    await open(designer, 'bpmn', '放款', DISBURSEMENT);
    await page.locator('.djs-palette').waitFor();
    await page.getByRole('button', { name: '场景测试' }).click();
    await page.getByRole('complementary', { name: '场景测试' }).waitFor();
    const canvas = page.getByTestId('bpmn-canvas');
    expect((await canvas.boundingBox())!.width).toBeGreaterThanOrEqual(500);
    await settled(page);
    await screenshot(designer, `design-both-panels-${width}`);
    const [side, below] = [await page.getByRole('complementary', { name: '场景测试' }).boundingBox(), await page.getByRole('region', { name: '检查结果' }).boundingBox()];
    expect(side!.x + side!.width).toBeLessThanOrEqual(below!.x + below!.width + 1);
    // The whole process is still in sight.
    const [end, frame] = [await page.locator('.djs-element[data-element-id="disbursed"]').boundingBox(), await canvas.boundingBox()];
    expect(end!.x + end!.width).toBeLessThanOrEqual(frame!.x + frame!.width);
    await page.getByRole('button', { name: '收起“属性”' }).click();
    expect((await canvas.boundingBox())!.width).toBeGreaterThanOrEqual(700);
    await expectMarkUncovered(designer);
  });

  it('are folded and drawn with the keyboard, and stay as they were left', async () => {
    const designer = await signedIn('xu.li');
    const { page } = designer;
    const key = await open(designer, 'bpmn', '放款', DISBURSEMENT);
    await page.locator('.djs-palette').waitFor();
    const panel = page.getByRole('region', { name: '属性' });
    const widthOf = async () => Math.round((await panel.boundingBox())!.width);
    const usual = await widthOf();
    await page.getByRole('separator', { name: '“属性”的宽度' }).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await until(async () => (await widthOf()) === usual + 48);
    await page.goto(`/design/drafts/${key}`);
    await page.locator('.djs-palette').waitFor();
    expect(await widthOf()).toBe(usual + 48);

    await page.getByRole('button', { name: '收起“属性”' }).focus();
    await page.keyboard.press('Enter');
    await panel.waitFor({ state: 'hidden' });
    await expectAccessible(designer);
    await page.reload();
    await page.locator('.djs-palette').waitFor();
    await panel.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: '展开“属性”' }).click();
    await panel.waitFor();
  });

  it('are drawn with the mouse', async () => {
    const designer = await signedIn('xu.li');
    const { page } = designer;
    await open(designer, 'form', '财务复核', file('forms/finance-check.form'));
    await page.locator('.fjs-palette-field').first().waitFor();
    const palette = page.getByRole('region', { name: '组件' });
    const before = (await palette.boundingBox())!;
    const edge = (await page.getByRole('separator', { name: '“组件”的宽度' }).boundingBox())!;
    await page.mouse.move(edge.x + edge.width / 2, edge.y + 100);
    await page.mouse.down();
    await page.mouse.move(edge.x + edge.width / 2 + 60, edge.y + 100, { steps: 4 });
    await page.mouse.up();
    expect(Math.round((await palette.boundingBox())!.width - before.width)).toBe(60);
  });
});

describe('a draft', () => {
  const typed = async ({ page }: Person, text: string) => {
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(text);
  };

  it('is there again after its page was loaded anew, and after its browser died', async () => {
    const designer = await signedIn('xu.li');
    const { page, context } = designer;
    const key = await open(designer, 'scenario', '不会丢', 'process: loan-approval\n');
    await page.locator('.cm-content').waitFor();
    await typed(designer, '# first');
    await page.getByText('有修改').waitFor();
    await page.getByText('已保存').waitFor();
    await page.reload();
    await page.locator('.cm-content', { hasText: '# first' }).waitFor();

    await typed(designer, ' second');
    await until(async () => (await savedContent(key)).includes('second'));
    const killer = await context.newCDPSession(page);
    page.on('crash', () => undefined);
    await Promise.race([killer.send('Page.crash'), page.waitForEvent('crash')]);
    const again = await signedIn('xu.li');
    await again.page.goto(`/design/drafts/${key}`);
    await again.page.locator('.cm-content', { hasText: '# first second' }).waitFor();
  });

  it('is kept while there is no connection, and saved when there is', async () => {
    const designer = await signedIn('xu.li');
    designer.expected.push(/ERR_INTERNET_DISCONNECTED/);
    const { page, context } = designer;
    const key = await open(designer, 'scenario', '断线', 'process: loan-approval\n');
    await page.locator('.cm-content').waitFor();
    await context.setOffline(true);
    await typed(designer, '# offline');
    await page.getByText('没有保存成功').waitFor();
    await screenshot(designer, 'design-offline');
    await page.getByRole('link', { name: '设计' }).click();
    const dialog = page.getByRole('dialog', { name: '还有没保存的修改' });
    await dialog.getByRole('button', { name: '留在此页' }).click();
    await context.setOffline(false);
    await until(async () => (await savedContent(key)).includes('# offline'));
    await page.getByText('已保存').waitFor();
  });

  it('that two change at once overwrites neither: the second is told, and may take up the latest', async () => {
    const one = await signedIn('xu.li');
    const key = await open(one, 'scenario', '两人', 'process: loan-approval\n');
    await one.page.locator('.cm-content').waitFor();
    const other = await signedIn('ma.chao');
    await other.page.goto(`/design/drafts/${key}`);
    await other.page.locator('.cm-content').waitFor();
    await typed(one, '# mine');
    await until(async () => (await savedContent(key)).includes('# mine'));

    other.expected.push(/409/);
    await typed(other, '# yours');
    const dialog = other.page.getByRole('dialog', { name: '草稿已在别处修改' });
    await dialog.getByText('徐丽').waitFor();
    expect(await savedContent(key)).not.toContain('# yours');
    await dialog.getByRole('button', { name: '放弃我的修改，打开最新内容' }).click();
    await other.page.locator('.cm-content', { hasText: '# mine' }).waitFor();
    expect(await other.page.locator('.cm-content').textContent()).not.toContain('# yours');
    await typed(other, ' and yours');
    await until(async () => (await savedContent(key)).includes('# mine and yours'));
  });
});
