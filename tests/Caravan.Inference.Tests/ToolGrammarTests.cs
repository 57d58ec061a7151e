using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Inference.Tests;

/// <summary>What the grammar of calls lets through, in the syntax of every template that model cards ship, is read back as calls that keep to their schemas.</summary>
public sealed class ToolGrammarTests
{
    private static readonly JsonArray Tools = (JsonArray)JsonNode.Parse(
        """
        [{"type": "function", "function": {"name": "move", "description": "", "parameters": {"type": "object", "properties": {
            "way": {"type": "string", "enum": ["up", "down"]}, "name": {"type": "string"}, "note": {"type": "string"}}, "required": ["way", "name"], "additionalProperties": false}}},
         {"type": "function", "function": {"name": "look_at", "description": "", "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}}}]
        """)!;

    [FixtureTheory]
    [MemberData(nameof(Templates))]
    public void WhatTheGrammarAllowsIsRead(string file)
    {
        ChatTemplate template = ChatTemplate.Parse(File.ReadAllText(Fixtures.PathOf("templates", file)));
        ToolSyntax syntax = ToolSyntaxProbe.Of((messages, tools) => Render(template, messages, tools), TemplateTurns.Ends);
        Tokenizer tokenizer = GrammarWalk.Vocabulary("ggml-vocab-gpt-2.gguf");
        foreach (bool parallel in (bool[])[false, true])
        {
            Grammar grammar = ToolGrammar.Of(syntax, Tools, ToolChoice.Required, parallel, new HashSet<int>());
            int read = 0;
            for (int seed = 0; seed < 5; seed++)
            {
                if (GrammarWalk.Text(grammar, tokenizer, seed, mostTokens: 300, patience: 30, closers: syntax.Parameters is null ? "\"]}0" : "<\n") is not { } text) continue;
                ToolCallReader reader = new(syntax, Tools);
                (string before, IReadOnlyList<ToolCall> calls) = reader.Push(text);
                (string rest, IReadOnlyList<ToolCall> last) = reader.Finish();
                calls = [.. calls, .. last];
                Assert.Equal("", (before + rest).Trim());
                Assert.True(calls.Count > 0 && (parallel || calls.Count == 1), text);
                foreach (ToolCall call in calls) Check(call);
                read++;
            }

            Assert.True(read > 0, "no walk came to an end");
        }
    }

    private static void Check(ToolCall call)
    {
        JsonObject arguments = (JsonObject)JsonNode.Parse(call.Arguments)!;
        if (call.Name == "move")
        {
            Assert.Contains(arguments["way"]!.ToString(), (string[])["up", "down"]);
            Assert.NotNull(arguments["name"]);
            Assert.Empty(arguments.Select(pair => pair.Key).Except(["way", "name", "note"]));
        }
        else
        {
            Assert.Equal("look_at", call.Name);
            Assert.NotNull(arguments["place"]);
        }
    }

    public static TheoryData<string> Templates()
    {
        string folder = Fixtures.PathOf("templates");
        return Directory.Exists(folder) ? new(Directory.GetFiles(folder, "*.jinja").Select(path => Path.GetFileName(path)!).Order()) : new("none");
    }

    private static string Render(ChatTemplate template, JsonArray messages, JsonArray? tools)
    {
        JsonElement given = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("templates", "expected.json"))).RootElement.GetProperty("variables");
        return template.Render(new ChatInput
        {
            Messages = JsonSerializer.SerializeToElement(messages), Tools = JsonSerializer.SerializeToElement(tools),
            Variables = given.EnumerateObject().Where(variable => variable.Name != "strftime_now").ToDictionary(variable => variable.Name, variable => variable.Value),
        });
    }
}
