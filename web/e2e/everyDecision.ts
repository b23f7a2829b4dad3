/** A decision graph with everything that the editor of decisions has. */

const DRAWN = { table: [160, 80], literal: [380, 80], boxed: [600, 80], empty: [820, 80], given: [160, 240], known: [380, 240], source: [600, 240], noted: [820, 240] } as const;

export function everyDecision(): string {
  const shapes = Object.entries(DRAWN).map(
    ([id, [x, y]]) => `<dmndi:DMNShape id="${id}_di" dmnElementRef="${id}"><dc:Bounds x="${x}" y="${y}" width="160" height="60" /></dmndi:DMNShape>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/" id="every-decision" name="全部" namespace="urn:every">
  <inputData id="given" name="给定"><variable id="given-variable" name="给定" typeRef="number" /></inputData>
  <businessKnowledgeModel id="known" name="知识"><encapsulatedLogic id="function"><literalExpression id="function-body"><text>1</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
  <knowledgeSource id="source" name="来源" />
  <textAnnotation id="noted"><text>注</text></textAnnotation>
  <decision id="table" name="表格"><variable id="table-variable" name="结果" typeRef="string" />
    <informationRequirement id="requires"><requiredInput href="#given" /></informationRequirement>
    <decisionTable id="table-logic" hitPolicy="COLLECT" aggregation="SUM">
      <input id="in" label="金额"><inputExpression id="in-expression" typeRef="number"><text>给定</text></inputExpression></input>
      <input id="in2" label="类别"><inputExpression id="in2-expression" typeRef="string"><text>给定</text></inputExpression><inputValues id="in2-values"><text>"甲","乙"</text></inputValues></input>
      <output id="out" label="结果" name="结果" typeRef="string" />
      <annotation name="说明" />
      <rule id="rule-1"><inputEntry id="r1-in"><text>1</text></inputEntry><inputEntry id="r1-in2"><text>"甲"</text></inputEntry><outputEntry id="r1-out"><text>"好"</text></outputEntry><annotationEntry><text>注</text></annotationEntry></rule>
    </decisionTable>
  </decision>
  <decision id="literal" name="文字表达式"><variable id="literal-variable" name="结果" typeRef="number" /><literalExpression id="literal-logic"><text>1</text></literalExpression></decision>
  <decision id="boxed" name="盒装"><variable id="boxed-variable" name="结果" typeRef="Any" /><context id="context"><contextEntry id="entry"><variable id="entry-variable" name="甲" /><literalExpression id="entry-logic"><text>1</text></literalExpression></contextEntry></context></decision>
  <decision id="empty" name="空的" />
  <dmndi:DMNDI><dmndi:DMNDiagram id="diagram">${shapes.join('')}</dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>
`;
}
