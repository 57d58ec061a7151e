using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>How models write calls, found by rendering: what a template writes of calls is read back as those calls.</summary>
public class ToolSyntaxTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const string Hermes = "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>";

    /// <summary>Templates that write nothing of calls, or nothing by which they could be told from text; or that refuse them, as they do in Jinja2 (Kimi, MiroThinker and others change a list).</summary>
    private static readonly string[] WithoutCalls =
    [
        "HuggingFaceTB-SmolLM3-3B.jinja", "LFM2-8B-A1B.jinja", "ibm-granite-granite-3.3-2B-Instruct.jinja", "llama-cpp-rwkv-world.jinja",
        "CohereForAI-c4ai-command-r-plus-tool_use.jinja", "MiroThinker.jinja", "Kimi-K2-Instruct.jinja", "Kimi-K2-Thinking.jinja", "llama-cpp-deepseek-r1.jinja", "meetkai-functionary-medium-v3.2.jinja",
    ];

    [FixtureTheory]
    [MemberData(nameof(Templates))]
    public void WhatATemplateWritesIsReadBack(string name)
    {
        ChatTemplate template = ChatTemplate.Parse(TemplateFixtures.Source(name));
        ToolSyntax syntax = ToolSyntaxProbe.Of((messages, tools) => Render(template, messages, tools), TemplateTurns.Ends);
        output.WriteLine($"{name}: {syntax}");
        Assert.Equal(!WithoutCalls.Contains(name), syntax.IsNative);
        if (!syntax.IsNative) return;
        Random random = new(1);
        for (int round = 0; round < 30; round++)
        {
            int count = syntax.BetweenCalls is null || random.Next(2) == 0 ? 1 : 2;
            JsonArray calls = [];
            JsonObject turn = new() { ["role"] = "assistant", ["content"] = syntax.NullContent ? null : "" };
            for (int i = 0; i < count; i++) calls.Add(Call(random, i, syntax));
            turn["tool_calls"] = calls.DeepClone();
            string rendered = Render(template, [Message("user", "QQQ"), turn, .. calls.Select(call => Answer(call!))], Tools());
            // DeepSeek R1's closes the calls only where there are two.
            if (!rendered.Contains(syntax.After.Trim(), StringComparison.Ordinal)) continue;
            string written = rendered[(rendered.LastIndexOf("QQQ", StringComparison.Ordinal) + 3)..];
            written = written[written.IndexOf(syntax.Before.Trim().Split([' ', '\n', ToolSyntax.ProbeId[0]])[0], StringComparison.Ordinal)..];
            int end = TemplateTurns.Ends.Append("RRR").Select(text => written.IndexOf(text, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(written.Length).Min();
            (string text, List<ToolCall> read) = Read(syntax, written[..end], random);
            Assert.Equal("", text.Trim());
            Assert.Equal(calls.Select(call => call!["function"]!["name"]!.ToString()), read.Select(call => call.Name));
            for (int i = 0; i < count; i++)
            {
                JsonNode arguments = calls[i]!["function"]!["arguments"]!;
                if (syntax.ArgumentsAsText) arguments = JsonNode.Parse(arguments.ToString())!;
                Assert.Equal(arguments.ToJsonString(ToolCall.Plain), read[i].Arguments);
            }
        }
    }

    [Theory]
    [InlineData("Hello <b>you</b> and {\"a\": 1}", "Hello <b>you</b> and {\"a\": 1}", "")]
    [InlineData("I look.\n" + Hermes, "I look.", "f")]
    [InlineData(Hermes + "\n" + Hermes, "", "f f")]
    [InlineData("<tool_call>not JSON</tool_call>", "<tool_call>not JSON</tool_call>", "")]
    [InlineData("<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": ", "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": ", "")]
    [InlineData("<tool_call>{\"arguments\": {}}</tool_call> x", "<tool_call>{\"arguments\": {}}</tool_call> x", "")]
    [InlineData("<tool_call>{\"name\": \"g\"}</tool_call>", "", "g")]
    [InlineData("<tool_call>[{\"name\": \"g\", \"arguments\": {}}, {\"name\": \"h\", \"arguments\": \"{}\"}]</tool_call>after", "after", "g h")]
    [InlineData("a < b <tool", "a < b <tool", "")]
    public void TextAndCallsComeApart(string written, string text, string names)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            (string found, List<ToolCall> calls) = Read(ToolSyntax.Usual, written, new Random(seed));
            Assert.Equal(text, found);
            Assert.Equal(names, string.Join(' ', calls.Select(call => call.Name)));
        }
    }

    public static TheoryData<string> Templates() => TemplateFixtures.Exist ? new(TemplateFixtures.Names) : new("none");

    private static (string Text, List<ToolCall> Calls) Read(ToolSyntax syntax, string written, Random random)
    {
        ToolCallReader reader = new(syntax, Tools());
        string text = "";
        List<ToolCall> calls = [];
        for (int at = 0; at < written.Length;)
        {
            int length = Math.Min(random.Next(1, 9), written.Length - at);
            (string piece, IReadOnlyList<ToolCall> found) = reader.Push(written.AsSpan(at, length));
            text += piece;
            calls.AddRange(found);
            at += length;
        }

        (string rest, IReadOnlyList<ToolCall> last) = reader.Finish();
        calls.AddRange(last);
        return (text + rest, calls);
    }

    private static string Render(ChatTemplate template, JsonArray messages, JsonArray? tools)
    {
        ChatInput input = TemplateFixtures.Input("tool_round_trip");
        return template.Render(input with { Messages = JsonSerializer.SerializeToElement(messages), Tools = JsonSerializer.SerializeToElement(tools) });
    }

    private static JsonObject Call(Random random, int index, ToolSyntax syntax)
    {
        string[] texts = ["Paris", "{curly}", "a \"quoted\" word", "two\nlines", "日本", "12", "x < y"];
        string name = ((string[])["get_weather", "f2", "lookUp"])[random.Next(3)];
        JsonObject arguments = new() { ["city"] = texts[random.Next(texts.Length)], ["unit"] = texts[random.Next(texts.Length)] };
        // A function in one's own words has no rules for numbers (call:f{n:5} beside call:f{s:<|"|>a<|"|>}), so they are left to JSON.
        if (syntax.NameToArguments is not null) arguments["days"] = random.Next(100);
        return new JsonObject
        {
            ["id"] = syntax.NamesCalls ? $"functions.{name}:{index}" : $"abcdefgh{index}", ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = name, ["arguments"] = syntax.ArgumentsAsText ? arguments.ToJsonString() : arguments },
        };
    }

    private static JsonArray Tools() => [.. ((string[])["get_weather", "f2", "lookUp"]).Select(name => (JsonNode)new JsonObject
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = name, ["description"] = "", ["parameters"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["city"] = new JsonObject { ["type"] = "string" }, ["unit"] = new JsonObject { ["type"] = "string" }, ["days"] = new JsonObject { ["type"] = "integer" } },
            },
        },
    })];

    private static JsonObject Answer(JsonNode call) => new()
    {
        ["role"] = "tool", ["content"] = "RRR", ["tool_call_id"] = call["id"]!.DeepClone(), ["name"] = call["function"]!["name"]!.DeepClone(),
    };

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
}
