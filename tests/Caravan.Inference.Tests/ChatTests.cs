using System.Text.Json.Nodes;
using Caravan.Models;
using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Inference.Tests;

/// <summary>Conversations in OpenAI's shape, as models' templates take them.</summary>
public sealed class ChatTests : IDisposable
{
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private readonly TemporaryFolder folder = new();
    private readonly Model model;

    public ChatTests()
    {
        TinyLlama.Write(folder.Path);
        model = Model.Load(folder.Path);
    }

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void ToolsAndCallsAreWrittenByTheTemplate()
    {
        string text = Render("own", Conversation(), Tools());
        Assert.Equal(
            "<|im_start|>system\nBe kind.\n\n# Tools\n<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"add\"}}\n</tools>\n"
            + "Call with <tool_call>{\"name\": ..., \"arguments\": ...}</tool_call><|im_end|>\n<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n\n<tool_call>\n"
            + "{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call><|im_end|>\n<|im_start|>user\n<tool_response>\n2\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
            text);
    }

    [Fact]
    public void WhereATemplateKnowsNoToolsTheyAreToldInWords()
    {
        string text = Render("chatml", Conversation(), Tools());
        Assert.Contains("Be kind.\n\nYou may call these functions:\n<tools>\n{\"type\":\"function\",\"function\":{\"name\":\"add\"}}\n</tools>\n", text, StringComparison.Ordinal);
        Assert.Contains("assistant\n<tool_call>\n{\"name\":\"add\",\"arguments\":{\"a\":1}}\n</tool_call><|im_end|>", text, StringComparison.Ordinal);
        Assert.Contains("user\n<tool_response>\n2\n</tool_response>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ASystemMessageThatATemplateRefusesOpensTheFirstQuestion()
    {
        string template = Path.Combine(folder.Path, "no-system.jinja");
        File.WriteAllText(template, "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}");
        Assert.Equal("[user]Be kind.\n\nHi", Render(template, [Message("developer", "Be kind."), Message("user", "Hi")], null));
    }

    [Fact]
    public void AnAnswerCanGoOnWithTheLastMessage()
    {
        JsonArray messages = [Message("user", "Count!"), Message("assistant", "One, two,")];
        (EncodedPrompt prompt, _) = ChatPrompt.Of(ChatFormat.Of(model.Tokenizer, "tiny"), messages, null, continues: true);
        Assert.Equal("<|im_start|>user\nCount!<|im_end|>\n<|im_start|>assistant\nOne, two,", model.Tokenizer.Decode(prompt.Tokens, skipSpecial: false));
    }

    [Fact]
    public void PartsAreJoinedAndPicturesTakenOut()
    {
        JsonArray parts = [new JsonObject { ["type"] = "text", ["text"] = "What is " }, Picture($"data:image/png;base64,{Pixel}"), new JsonObject { ["type"] = "text", ["text"] = "this?" }];
        (EncodedPrompt prompt, IReadOnlyList<Formats.Picture> pictures) = ChatPrompt.Of(ChatFormat.Named(model.Tokenizer, "plain"), [new JsonObject { ["role"] = "user", ["content"] = parts }], null);
        Assert.Contains("What is this?", model.Tokenizer.Decode(prompt.Tokens, skipSpecial: false), StringComparison.Ordinal);
        Assert.Equal((1, 1), (Assert.Single(pictures).Width, pictures[0].Height));
    }

    [Theory]
    [InlineData("[]", "The conversation has no messages; at least one was expected.")]
    [InlineData("[1]", "messages[0] is not an object with a role.")]
    [InlineData("[{\"role\":\"king\",\"content\":\"x\"}]", "messages[0] has the role 'king'; system, developer, user, assistant or tool were expected.")]
    [InlineData("[{\"role\":\"user\",\"content\":{}}]", "messages[0].content is neither a text nor a list of parts.")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"audio\"}]}]", "messages[0].content has a part of type 'audio'; text or image_url were expected.")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://x/y.png\"}}]}]", "messages[0] has a picture that is not a data: address in base64; pictures are not fetched from the network.")]
    [InlineData("[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}]", "messages[0].tool_calls holds arguments that are not JSON:")]
    [InlineData("[{\"role\":\"assistant\",\"tool_calls\":[7]}]", "messages[0].tool_calls holds what is not a call with a function and its name.")]
    public void WhatIsNoConversationIsRefused(string messages, string sentence) =>
        Assert.StartsWith(sentence, Assert.Throws<CaravanException>(() => Render("own", (JsonArray)JsonNode.Parse(messages)!, null)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task AnAnswerComesInPieces()
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1 });
        using EngineLoop loop = new(engine);
        ChatEngine chat = new(loop, ChatFormat.Of(model.Tokenizer, "tiny"));
        ChatRequest request = new() { Messages = Conversation(), Tools = Tools(), Text = new TextRequest { Prompt = "", MaxTokens = 20, Sampling = new SamplingOptions { Seed = 3 } } };
        string[] texts = new string[2];
        Func<int, ChatStream> begin = chat.Begin(request);
        for (int i = 0; i < 2; i++)
        {
            ChatStream stream = begin(i);
            await foreach (ChatDelta piece in stream) texts[i] += piece.Text;
            Assert.False(stream.HasCalls);
            Assert.InRange(stream.Tokens.Tokens.Count, 1, 20);
        }

        Assert.NotEqual(texts[0], texts[1]);
        Assert.Equal(0, engine.Status.PagesUsed);
    }

    /// <summary>A model that knows nothing still calls functions when it must: the grammar is its template's own syntax.</summary>
    [Theory]
    [InlineData("own", true)]
    [InlineData("own", false)]
    [InlineData("chatml", true)]
    public async Task AModelThatMustCallCalls(string template, bool parallel)
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1, ContextLength = 2048 });
        using EngineLoop loop = new(engine);
        ChatEngine chat = new(loop, template == "own" ? ChatFormat.Of(model.Tokenizer, "tiny") : ChatFormat.Named(model.Tokenizer, template));
        JsonArray tools = (JsonArray)JsonNode.Parse(
            "[{\"type\":\"function\",\"function\":{\"name\":\"move\",\"parameters\":{\"type\":\"object\",\"properties\":{\"way\":{\"enum\":[\"up\",\"down\"]},\"steps\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9}},\"required\":[\"way\",\"steps\"],\"additionalProperties\":false}}},"
            + "{\"type\":\"function\",\"function\":{\"name\":\"wait\"}}]")!;
        int several = 0;
        for (ulong seed = 0; seed < 20; seed++)
        {
            ChatRequest request = new()
            {
                Messages = [Message("user", "Go!")], Tools = tools, ToolChoice = seed % 2 == 0 ? ToolChoice.Required : new ToolChoice(ToolChoiceKind.Required, "move"), ParallelToolCalls = parallel,
                Text = new TextRequest { Prompt = "", MaxTokens = 1500, Sampling = new SamplingOptions { Seed = seed } },
            };
            ChatStream stream = chat.Stream(request);
            string text = "";
            List<IdentifiedCall> calls = [];
            await foreach (ChatDelta piece in stream)
            {
                text += piece.Text;
                calls.AddRange(piece.Calls);
            }

            if (stream.Tokens.FinishReason == FinishReason.Length) continue;
            Assert.Equal("", text.Trim());
            Assert.True(parallel || calls.Count == 1);
            several += calls.Count > 1 ? 1 : 0;
            foreach (IdentifiedCall call in calls)
            {
                if (seed % 2 == 1) Assert.Equal("move", call.Call.Name);
                JsonObject arguments = (JsonObject)JsonNode.Parse(call.Call.Arguments)!;
                if (call.Call.Name != "move") continue;
                Assert.Contains(arguments["way"]!.ToString(), (string[])["up", "down"]);
                Assert.InRange((int)arguments["steps"]!, 1, 9);
                Assert.Equal(2, arguments.Count);
            }
        }

        Assert.True(!parallel || several > 0, "never were two called");
    }

    private string Render(string template, JsonArray messages, JsonArray? tools)
    {
        ChatFormat format = template == "own" ? ChatFormat.Of(model.Tokenizer, "tiny") : ChatFormat.Named(model.Tokenizer, template);
        return model.Tokenizer.Decode(ChatPrompt.Of(format, messages, tools).Prompt.Tokens, skipSpecial: false);
    }

    private static JsonArray Conversation() =>
    [
        Message("system", "Be kind."), Message("user", "1+1?"),
        new JsonObject
        {
            ["role"] = "assistant", ["content"] = null,
            ["tool_calls"] = new JsonArray(new JsonObject { ["id"] = "abcdefghi", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "add", ["arguments"] = "{\"a\":1}" } }),
        },
        new JsonObject { ["role"] = "tool", ["tool_call_id"] = "abcdefghi", ["content"] = "2" },
    ];

    private static JsonArray Tools() => [new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = "add" } }];

    private static JsonObject Picture(string address) => new() { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = address } };

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
}
