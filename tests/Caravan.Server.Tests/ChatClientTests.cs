using System.Text.Json;
using Caravan.Inference;
using Caravan.Models;
using Microsoft.Extensions.AI;
using Message = Microsoft.Extensions.AI.ChatMessage;

namespace Caravan.Server.Tests;

/// <summary>Microsoft.Extensions.AI over the engine in this process and over HTTP: the same answers either way.</summary>
public sealed class ChatClientTests : IClassFixture<RunningServer>, IDisposable
{
    private readonly RunningServer server;
    private readonly Model model;
    private readonly Engine engine;
    private readonly IChatClient[] clients;

    public ChatClientTests(RunningServer server)
    {
        this.server = server;
        model = Model.Load(Path.Combine(server.Folder, "tiny"));
        engine = new Engine(model, new EngineOptions { Threads = 1, ContextLength = 512 });
        clients = [engine.AsChatClient(), new HttpChatClient(new Uri(server.Address + "/v1"), "tiny")];
    }

    public void Dispose()
    {
        foreach (IChatClient client in clients) client.Dispose();
        engine.Dispose();
        model.Dispose();
    }

    [Fact]
    public async Task BothAnswerAlikeAndStreamWhatTheyAnswer()
    {
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 20, Instructions = "Be brief." };
        List<string> answers = [];
        foreach (IChatClient client in clients)
        {
            ChatResponse answer = await client.GetResponseAsync([new Message(ChatRole.User, "Hello")], options);
            string streamed = "";
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([new Message(ChatRole.User, "Hello")], options)) streamed += update.Text;
            Assert.Equal(answer.Text, streamed);
            Assert.Equal(answer.Usage!.InputTokenCount + answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount);
            answers.Add($"{answer.Text} {answer.FinishReason} {answer.Usage.OutputTokenCount}");
        }

        Assert.Equal(answers[0], answers[1]);
    }

    [Fact]
    public async Task FunctionsAreCalledAndTheirResultsRead()
    {
        AIFunction add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "Adds two numbers.");
        ChatOptions options = new() { Tools = [add], ToolMode = ChatToolMode.RequireSpecific("add"), AllowMultipleToolCalls = false, MaxOutputTokens = 300, Seed = 5 };
        foreach (IChatClient client in clients)
        {
            List<Message> messages = [new(ChatRole.User, "1 + 2?")];
            ChatResponse answer = await client.GetResponseAsync(messages, options);
            FunctionCallContent call = Assert.Single(answer.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>());
            Assert.Equal((ChatFinishReason.ToolCalls, "add"), (answer.FinishReason!.Value, call.Name));
            Assert.Equal(["a", "b"], call.Arguments!.Keys.Order());
            messages.AddMessages(answer);
            messages.Add(new Message(ChatRole.Tool, [new FunctionResultContent(call.CallId, 3)]));
            ChatResponse next = await client.GetResponseAsync(messages, new ChatOptions { Tools = [add], ToolMode = ChatToolMode.None, MaxOutputTokens = 5, Seed = 5 });
            Assert.True(next.Usage!.OutputTokenCount is > 0 and <= 5);
        }
    }

    [Fact]
    public async Task AnswersKeepToASchema()
    {
        JsonElement schema = JsonDocument.Parse("{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":3}},\"required\":[\"n\"],\"additionalProperties\":false}").RootElement;
        foreach (IChatClient client in clients)
        {
            ChatResponse answer = await client.GetResponseAsync(
                [new Message(ChatRole.User, "A number?")], new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, "number"), MaxOutputTokens = 60 });
            Assert.InRange(JsonDocument.Parse(answer.Text).RootElement.GetProperty("n").GetInt32(), 1, 3);
        }
    }

    [Fact]
    public async Task EmbeddingsAreAlikeToo()
    {
        using IEmbeddingGenerator<string, Embedding<float>> here = model.AsEmbeddingGenerator(new EngineOptions { Threads = 1 });
        using HttpEmbeddingGenerator there = new(new Uri(server.Address + "/v1"), "tiny");
        GeneratedEmbeddings<Embedding<float>> one = await here.GenerateAsync(["a cat", "the name"]), other = await there.GenerateAsync(["a cat", "the name"]);
        Assert.Equal(one.Usage!.InputTokenCount, other.Usage!.InputTokenCount);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(64, one[i].Vector.Length);
            for (int d = 0; d < 64; d++) Assert.Equal(one[i].Vector.Span[d], other[i].Vector.Span[d], 1e-5f);
        }
    }

    [Fact]
    public async Task WhatTheServerRefusesIsSaid()
    {
        using HttpChatClient client = new(new Uri(server.Address + "/v1"), "nobody");
        CaravanException refusal = await Assert.ThrowsAsync<CaravanException>(() => client.GetResponseAsync([new Message(ChatRole.User, "Hello")]));
        Assert.Equal("The server refused: There is no model 'nobody' here; GET /v1/models lists those there are.", refusal.Message);
        using HttpChatClient nowhere = new(new Uri("http://127.0.0.1:9/v1"), "tiny");
        Assert.StartsWith("The server at http://127.0.0.1:9/v1 cannot be reached:", (await Assert.ThrowsAsync<CaravanException>(() => nowhere.GetResponseAsync([new Message(ChatRole.User, "Hello")]))).Message);
    }
}
