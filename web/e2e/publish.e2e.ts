/** Publishing what belongs together: a process with the decision and the form that are bound to its deployment. */
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { asker, examine, screenshot, signedIn, until, type Person } from './browser';

const MACHINE = readFileSync(new URL('../../dmn/machine-decision.dmn', import.meta.url), 'utf8');
const SMALL_AND_CLEAR = { score: 760, overdueCount: 0, amount: 25000, termMonths: 12, monthlyDebt: 2000, monthlyIncome: 15000, fraudLevel: 'clear' };

/** A process that waits for a person, then decides, by the form and the decision that were deployed with it. */
const processOf = (id: string, form: string) => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="${id}-file" targetNamespace="urn:${id}">
  <bpmn:process id="${id}" name="小额审批 ${id}" isExecutable="true">
    <bpmn:startEvent id="begin" name="开始" />
    <bpmn:userTask id="wait" name="复核">
      <bpmn:extensionElements>
        <zeebe:userTask /><zeebe:formDefinition formId="${form}" bindingType="deployment" /><zeebe:assignmentDefinition assignee="ma.chao" />
      </bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:businessRuleTask id="decide" name="机审">
      <bpmn:extensionElements><zeebe:calledDecision decisionId="machine-decision" resultVariable="decided" bindingType="deployment" /></bpmn:extensionElements>
    </bpmn:businessRuleTask>
    <bpmn:endEvent id="end" name="结束" />
    <bpmn:sequenceFlow id="a" sourceRef="begin" targetRef="wait" />
    <bpmn:sequenceFlow id="b" sourceRef="wait" targetRef="decide" />
    <bpmn:sequenceFlow id="c" sourceRef="decide" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;
const formOf = (id: string) => JSON.stringify({ id, type: 'default', schemaVersion: 19, components: [{ id: 'f1', key: 'opinion', type: 'textfield', label: '意见' }] });

interface Draft {
  draftKey: string;
  revision: number;
  baseResourceKey: string | null;
}

async function draftOf(username: string, kind: string, name: string, content: string): Promise<string> {
  const ask = await asker(username);
  return (await ask<Draft>('POST', '/v2/drafts', { kind, name, content })).draftKey;
}

/** Do the task of a case, and say which version of the decision it then takes. */
async function decidedBy(processInstanceKey: string): Promise<{ decisionDefinitionVersion: number; result: string }> {
  const ask = await asker('ma.chao');
  const filter = { processInstanceKey, state: 'CREATED' };
  const { userTaskKey } = await until(async () => (await ask<{ items: { userTaskKey: string }[] }>('POST', '/v2/user-tasks/search', { filter })).items[0]);
  await ask('POST', `/v2/user-tasks/${userTaskKey}/completion`, {});
  const decisions = { filter: { processInstanceKey, decisionDefinitionId: 'machine-decision' } };
  return until(async () => (await ask<{ items: { decisionDefinitionVersion: number; result: string }[] }>('POST', '/v2/decision-instances/search', decisions)).items[0]);
}

interface Published {
  kind: string;
  decisions: { decisionDefinitionId: string }[];
  latest: { resourceKey: string; version: number };
}

/** The file of the shipped decision, as it is published. */
async function machineDecision(): Promise<Published> {
  const ask = await asker('xu.li');
  const { items } = await ask<{ items: Published[] }>('GET', '/v2/repository');
  return items.find(({ decisions }) => decisions.some(({ decisionDefinitionId }) => decisionDefinitionId === 'machine-decision'))!;
}

async function start(processDefinitionId: string): Promise<string> {
  const ask = await asker('ma.chao');
  return (await ask<{ processInstanceKey: string }>('POST', '/v2/process-instances', { processDefinitionId, variables: SMALL_AND_CLEAR })).processInstanceKey;
}

/** One run's own: the tests may be run again on an installation. */
const RUN = Date.now().toString(36);
const rowOf = ({ page }: Person, name: string) =>
  page.getByTestId('bundle').getByRole('listitem').filter({ has: page.getByRole('checkbox', { name: new RegExp(` ${name}$`) }) });

describe.each(['zh', 'en'] as const)('a process and what is bound to its deployment (%s)', (language) => {
  const said = (zh: string, en: string) => (language === 'zh' ? zh : en);
  const publishButton = ({ page }: Person) => page.getByRole('dialog').getByRole('button', { name: said('发布', 'Publish') });
  const openDialog = async ({ page }: Person) => {
    await page.getByRole('button', { name: said('发布', 'Publish'), exact: true }).click();
    await page.getByRole('dialog').waitFor();
  };

  it('are published together; a changed decision takes the process along, and running cases keep theirs', async () => {
    const id = `bundle-${language}-${RUN}`;
    const form = `${id}-form`;
    const tag = `${language}-${RUN}`;
    const formKey = await draftOf('xu.li', 'form', `复核表 ${tag}`, formOf(form));
    const key = await draftOf('xu.li', 'bpmn', `小额审批 ${tag}`, processOf(id, form));
    const { latest } = await machineDecision();
    const before = latest.version;
    const unrelated = await draftOf('xu.li', 'form', `无关 ${tag}`, formOf(`${id}-other`));
    const designer = await signedIn('xu.li', { language });
    const { page } = designer;

    // What it is bound to need not be among the files that are edited: nothing is wrong with the draft by itself.
    await page.goto(`/design/drafts/${key}`);
    await page.locator('.djs-palette').waitFor();
    await openDialog(designer);
    await rowOf(designer, `复核表 ${tag}`).getByText(said('必须一起发布', 'It must go along')).waitFor();
    const machine = rowOf(designer, '机审决策');
    await machine.getByText(said(`已发布的第 ${before} 版，原样`, `Version ${before} as it is published`)).waitFor();
    expect(await machine.getByRole('checkbox').isDisabled()).toBe(true);
    await page.getByTestId('bundle').getByText(said('其他未发布的草稿', 'Other drafts that are not published')).click();
    expect(await rowOf(designer, `无关 ${tag}`).getByRole('checkbox').isChecked()).toBe(false);
    await page.getByRole('dialog').getByRole('textbox', { name: said('说明', 'Note') }).fill(`第一版 ${id}`);
    await examine(designer, 'design-publish-together');
    await publishButton(designer).click();
    const published = page.getByTestId('published').getByRole('listitem');
    await published.filter({ hasText: said(`小额审批 ${tag}，第 1 版`, `小额审批 ${tag}, version 1`) }).getByText(said('新版本', 'New version')).waitFor();
    await published.filter({ hasText: `复核表 ${tag}` }).getByText(said('新版本', 'New version')).waitFor();
    await published.filter({ hasText: '机审决策' }).getByText(said('未变', 'Unchanged')).waitFor();
    await examine(designer, 'design-published-together');

    const ask = await asker('xu.li');
    const settled = await ask<Draft>('GET', `/v2/drafts/${formKey}`);
    expect(settled.baseResourceKey).not.toBe(null);
    expect(settled.revision).toBe(1);
    expect((await ask<Draft>('GET', `/v2/drafts/${unrelated}`)).baseResourceKey).toBe(null);
    const running = await start(id);

    // The table changes: the process that is bound to it is published anew, with its form as it is.
    const next = before % 2 === 1 ? 30_000 : 20_000;
    const content = MACHINE.replace(/(&lt;=|&gt;) 20000/g, `$1 ${next}`);
    const body = { kind: 'dmn', name: `机审决策 ${tag}`, content, baseResourceKey: latest.resourceKey };
    const table = (await ask<Draft>('POST', '/v2/drafts', body)).draftKey;
    await page.goto(`/design/drafts/${table}`);
    await page.getByRole('tab', { name: said('决策图', 'Graph') }).waitFor();
    await openDialog(designer);
    const follower = rowOf(designer, `小额审批 ${id}`);
    await follower.getByText(said('重新发布，它的新案件才会用上', 'Published anew')).waitFor();
    expect(await follower.getByRole('checkbox').isChecked()).toBe(true);
    await follower.getByRole('checkbox').click();
    await page.getByRole('dialog').getByText(said('没有选中：在它重新发布之前', 'is not chosen: until it is published anew')).waitFor();
    await follower.getByRole('checkbox').click();
    await page.getByRole('dialog').getByRole('textbox', { name: said('说明', 'Note') }).fill('上限调整');
    await examine(designer, 'design-publish-follows');
    await publishButton(designer).click();
    await published.filter({ hasText: `机审决策 ${tag}` }).getByText(said('新版本', 'New version')).waitFor();
    await published.filter({ hasText: `小额审批 ${id}` }).getByText(said('新版本', 'New version')).waitFor();
    await published.filter({ hasText: form }).getByText(said('未变', 'Unchanged')).waitFor();

    const [old, fresh] = [await decidedBy(running), await decidedBy(await start(id))];
    expect([old.decisionDefinitionVersion, fresh.decisionDefinitionVersion]).toEqual([before, before + 1]);
    const outcomes = ['human', 'approve'].map((outcome) => expect.objectContaining({ outcome }) as unknown);
    expect([JSON.parse(old.result), JSON.parse(fresh.result)]).toEqual(next === 30_000 ? outcomes : outcomes.reverse());

    // What has been published is offered no more.
    await page.goto(`/design/drafts/${key}`);
    await page.locator('.djs-palette').waitFor();
    await openDialog(designer);
    await rowOf(designer, `小额审批 ${tag}`).getByText(said('内容相同', 'The same as version')).waitFor();
    await rowOf(designer, '机审决策').getByText(said(`已发布的第 ${before + 1} 版`, `Version ${before + 1} as it is published`)).waitFor();
    expect(await page.getByTestId('bundle').getByText(said(`草稿“复核表 ${tag}`, `Draft “复核表 ${tag}`)).count()).toBe(0);

    // And the list of drafts tells which of them hold something new.
    await page.goto('/design?tab=drafts');
    await page.getByRole('link', { name: `小额审批 ${tag}` }).waitFor();
    const standing = (name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name }) });
    await standing(`小额审批 ${tag}`).getByText(said('已发布', 'Published'), { exact: true }).waitFor();
    await standing(`无关 ${tag}`).getByText(said('有未发布的改动', 'Not published'), { exact: true }).waitFor();
    await examine(designer, 'design-drafts');
  });

  it('are checked together: a fault in one refuses all, and is said at its file', async () => {
    const id = `faulty-${language}-${RUN}`;
    const form = `${id}-form`;
    const tag = `${language}-${RUN}`;
    await draftOf('xu.li', 'form', `错表 ${tag}`, formOf(form).replace('"textfield"', '"nosuchfield"'));
    const key = await draftOf('xu.li', 'bpmn', `带错的流程 ${tag}`, processOf(id, form));
    const designer = await signedIn('xu.li', { language });
    const { page } = designer;
    await page.goto(`/design/drafts/${key}`);
    await page.locator('.djs-palette').waitFor();
    await openDialog(designer);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('region', { name: `错表 ${tag}` }).getByText('nosuchfield').first().waitFor();
    expect(await publishButton(designer).isDisabled()).toBe(true);
    await examine(designer, 'design-publish-refused-together');
  });
});

it('sends the version of what a colleague is working on, unless their draft is chosen; they are not overtaken', async () => {
  const form = `shared-${RUN}`;
  const ask = await asker('xu.li');
  const body = new FormData();
  body.append('resources', new File([formOf(form)], 'shared.form'));
  await ask('POST', '/v2/deployments', body);
  const theirs = await draftOf('ma.chao', 'form', `共用表-${RUN}`, formOf(form).replace('意见', '复核意见'));
  const key = await draftOf('xu.li', 'bpmn', '用共用表', processOf(`uses-${form}`, form));
  const colleague = await signedIn('ma.chao');
  await colleague.page.goto(`/design/drafts/${theirs}`);
  await colleague.page.locator('.fjs-palette-field').first().waitFor();

  const designer = await signedIn('xu.li');
  const { page } = designer;
  await page.goto(`/design/drafts/${key}`);
  await page.locator('.djs-palette').waitFor();
  await page.getByRole('button', { name: '发布' }).click();
  const row = rowOf(designer, form);
  await row.getByText('已发布的第 1 版，原样').waitFor();
  await row.getByRole('combobox').click();
  await page.getByRole('option').or(page.locator('.ant-select-item-option')).filter({ hasText: '草稿“共用表' }).last().click();
  await rowOf(designer, `共用表-${RUN}`).getByText('必须一起发布').waitFor();
  await page.getByRole('dialog').getByRole('textbox', { name: '说明' }).fill('连同新的复核意见');
  await screenshot(designer, 'design-publish-colleague');
  await page.getByRole('dialog').getByRole('button', { name: '发布 3 个文件' }).click();
  await page.getByTestId('published').getByText(`共用表-${RUN}，第 2 版`).waitFor();
  expect((await ask<Draft>('GET', `/v2/drafts/${theirs}`)).baseResourceKey).not.toBe(null);

  // The colleague goes on: their next change is saved.
  const editor = colleague.page.locator('.lendloom-form-editor');
  await editor.locator('.fjs-element[data-field-type="textfield"], .fjs-form-field-textfield').first().click({ position: { x: 5, y: 5 } });
  await editor.getByText('常规', { exact: true }).click();
  await editor.locator('[data-entry-id="label"] [role="textbox"], [data-entry-id="label"] textarea, [data-entry-id="label"] input').first().click();
  await colleague.page.keyboard.press('Control+A');
  await colleague.page.keyboard.type('终审意见');
  await until(async () => (await ask<Draft & { content: string }>('GET', `/v2/drafts/${theirs}`)).content.includes('终审意见'));
});

const MODEL = 'https://www.omg.org/spec/DMN/20191111/MODEL/';
const modelOf = (id: string, inside: string) =>
  `<definitions xmlns="${MODEL}" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" id="${id}" name="${id}" namespace="urn:${id}">${inside}
  <dmndi:DMNDI><dmndi:DMNDiagram><dmndi:DMNShape dmnElementRef="${id}-is"><dc:Bounds height="80" width="180" x="160" y="100" /></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI></definitions>`;
const limitOf = (id: string, limit: number) =>
  modelOf(id, `<decision id="${id}-is" name="limit"><variable name="limit" /><literalExpression><text>${limit}</text></literalExpression></decision>`);
const raisedOf = (id: string, library: string) =>
  modelOf(
    id,
    `<import name="lib" namespace="urn:${library}" importType="${MODEL}" />
    <decision id="${id}-is" name="raised"><variable name="raised" /><informationRequirement id="r"><requiredDecision href="urn:${library}#${library}-is" /></informationRequirement>
    <literalExpression><text>lib.limit + 1</text></literalExpression></decision>`,
  );

it('sends the model that a decision imports along, and who imports it after it', async () => {
  const library = `library-${RUN}`;
  const raising = `raising-${RUN}`;
  const ask = await asker('xu.li');
  const raised = async () => (await ask<{ output: string }>('POST', '/v2/decision-definitions/evaluation', { decisionDefinitionId: `${raising}-is`, variables: {} })).output;
  const publish = async (person: Person, key: string, note: string) => {
    const { page } = person;
    await page.goto(`/design/drafts/${key}`);
    await page.getByRole('tab', { name: '决策图' }).waitFor();
    await page.getByRole('button', { name: '发布', exact: true }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: '说明' }).fill(note);
  };
  await draftOf('xu.li', 'dmn', `公用-${RUN}`, limitOf(library, 10));
  const key = await draftOf('xu.li', 'dmn', `上浮-${RUN}`, raisedOf(raising, library));
  const designer = await signedIn('xu.li');
  const { page } = designer;
  await publish(designer, key, '第一版');
  await rowOf(designer, `公用-${RUN}`).getByText(`“上浮-${RUN}”导入了它`).waitFor();
  await examine(designer, 'design-publish-import');
  await page.getByRole('dialog').getByRole('button', { name: '发布 2 个文件' }).click();
  await page.getByTestId('published').getByText(`公用-${RUN}，第 1 版`).waitFor();
  expect(await raised()).toBe('11');

  const changed = await draftOf('xu.li', 'dmn', `公用改-${RUN}`, limitOf(library, 20));
  await publish(designer, changed, '上限提高');
  await rowOf(designer, raising).getByText(`它导入了“公用改-${RUN}”`).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: '发布 2 个文件' }).click();
  await page.getByTestId('published').getByText('第 2 版').nth(1).waitFor();
  expect(await raised()).toBe('21');
});
