using System.Text.Json.Nodes;

namespace Caravan.Text.Tests;

/// <summary>The template of the models that Caravan teaches, with functions.</summary>
public class CaravanTemplateTests
{
    private const string Conversation = """
        [{"role":"system","content":"Be brief."},{"role":"user","content":"What is 2+3, and what time is it?"},
         {"role":"assistant","content":"I look.","tool_calls":[
            {"id":"1","type":"function","function":{"name":"calculator","arguments":{"expression":"2+3"}}},
            {"id":"2","type":"function","function":{"name":"clock","arguments":"{}"}}]},
         {"role":"tool","tool_call_id":"1","content":"5"},{"role":"tool","tool_call_id":"2","content":"12:30"}]
        """;

    private const string Tools = """[{"type":"function","function":{"name":"calculator","parameters":{"type":"object"}}},{"type":"function","function":{"name":"clock"}}]""";

    private const string Written = """
        <|im_start|>system
        Be brief.
        Tools:
        {"name": "calculator", "parameters": {"type": "object"}}
        {"name": "clock"}<|im_end|>
        <|im_start|>user
        What is 2+3, and what time is it?<|im_end|>
        <|im_start|>assistant
        I look.
        <tool_call>
        {"name": "calculator", "arguments": {"expression": "2+3"}}
        </tool_call>
        <tool_call>
        {"name": "clock", "arguments": {}}
        </tool_call><|im_end|>
        <|im_start|>tool
        5<|im_end|>
        <|im_start|>tool
        12:30<|im_end|>
        <|im_start|>assistant

        """;

    private static readonly ChatFormat Format = ChatFormat.Of(
        BytePairTrainer.Train(["a b c"], new BytePairTraining
        {
            VocabularySize = 300, SpecialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], AddedTokens = ["<tool_call>", "</tool_call>"],
            EosToken = "<|endoftext|>", ChatTemplate = BuiltInTemplates.Find("caravan")!.Source,
        }),
        "tiny");

    [Fact]
    public void FunctionsCallsAndAnswersAreWritten() =>
        Assert.Equal(Written, Format.Render((JsonArray)JsonNode.Parse(Conversation)!, tools: (JsonArray)JsonNode.Parse(Tools)!));

    [Fact]
    public void CallsAreReadInTheTemplatesOwnSyntax()
    {
        Assert.True(Format.Tools.IsNative);
        Assert.False(Format.Tools.ArgumentsAsText);
        Assert.Equal(("<tool_call>", "</tool_call>"), (Format.Tools.Trigger, Format.Tools.Json?.Closer));
        Assert.Equal("}\n</tool_call>\n<tool_call>\n{\"name\": \"", Format.Tools.BetweenCalls);
        ToolCallReader reader = new(Format.Tools, []);
        (string text, IReadOnlyList<ToolCall> calls) = reader.Push("<tool_call>\n{\"name\": \"clock\", \"arguments\": {}}\n</tool_call>");
        Assert.Equal(("", new ToolCall("clock", "{}")), (text, Assert.Single(calls)));
    }

    [Fact]
    public void ATurnEndsAtItsToken() => Assert.Equal([2], Format.StopTokens);
}
