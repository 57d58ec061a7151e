using System.ClientModel;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;

namespace Caravan.Server.Tests;

/// <summary>The official client for .NET against the server.</summary>
public sealed class OpenAiClientTests(RunningServer server) : IClassFixture<RunningServer>
{
    private OpenAIClient Client => new(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Address + "/v1") });

    [Fact]
    public async Task ItChats()
    {
        ChatClient chat = Client.GetChatClient("tiny");
        ChatCompletionOptions options = new() { MaxOutputTokenCount = 9, Temperature = 0, IncludeLogProbabilities = true, TopLogProbabilityCount = 2 };
        OpenAI.Chat.ChatCompletion answer = await chat.CompleteChatAsync([new SystemChatMessage("Be brief."), new UserChatMessage("Hello")], options);
        Assert.Equal(ChatMessageRole.Assistant, answer.Role);
        Assert.Equal(answer.Usage.OutputTokenCount, answer.ContentTokenLogProbabilities.Count);
        Assert.All(answer.ContentTokenLogProbabilities, token => Assert.Equal(2, token.TopLogProbabilities.Count));
        string streamed = "";
        int? output = null;
        OpenAI.Chat.ChatFinishReason? reason = null;
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync([new SystemChatMessage("Be brief."), new UserChatMessage("Hello")], options))
        {
            streamed += string.Concat(update.ContentUpdate.Select(part => part.Text));
            output = update.Usage?.OutputTokenCount ?? output;
            reason = update.FinishReason ?? reason;
        }

        Assert.Equal(answer.Content[0].Text, streamed);
        Assert.Equal(answer.Usage.OutputTokenCount, output);
        Assert.Equal(answer.FinishReason, reason);
    }

    [Fact]
    public async Task ItAsksForASchema()
    {
        BinaryData schema = BinaryData.FromString("{\"type\":\"object\",\"properties\":{\"city\":{\"enum\":[\"Rome\",\"Oslo\"]}},\"required\":[\"city\"],\"additionalProperties\":false}");
        OpenAI.Chat.ChatCompletion answer = await Client.GetChatClient("tiny").CompleteChatAsync(
            [new UserChatMessage("Where?")], new ChatCompletionOptions { ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("place", schema, jsonSchemaIsStrict: true) });
        Assert.Contains(System.Text.Json.JsonDocument.Parse(answer.Content[0].Text).RootElement.GetProperty("city").GetString(), (string[])["Rome", "Oslo"]);
    }

    [Fact]
    public async Task ItCallsFunctions()
    {
        ChatClient chat = Client.GetChatClient("tiny");
        ChatTool tool = ChatTool.CreateFunctionTool("weather", "Tells the weather.", BinaryData.FromString("{\"type\":\"object\",\"properties\":{\"city\":{\"enum\":[\"Rome\",\"Oslo\"]}},\"required\":[\"city\"]}"));
        ChatCompletionOptions options = new() { Tools = { tool }, ToolChoice = ChatToolChoice.CreateRequiredChoice(), AllowParallelToolCalls = false, MaxOutputTokenCount = 150 };
        List<OpenAI.Chat.ChatMessage> messages = [new UserChatMessage("Weather?")];
        OpenAI.Chat.ChatCompletion answer = await chat.CompleteChatAsync(messages, options);
        Assert.Equal(OpenAI.Chat.ChatFinishReason.ToolCalls, answer.FinishReason);
        ChatToolCall call = Assert.Single(answer.ToolCalls);
        Assert.Equal("weather", call.FunctionName);
        Assert.Contains("city", call.FunctionArguments.ToString());
        string streamed = "";
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync(messages, options)) streamed += string.Concat(update.ToolCallUpdates.Select(piece => piece.FunctionName));
        Assert.Equal("weather", streamed);
        messages.AddRange([new AssistantChatMessage(answer), new ToolChatMessage(call.Id, "sunny")]);
        OpenAI.Chat.ChatCompletion last = await chat.CompleteChatAsync(messages, new ChatCompletionOptions { Tools = { tool }, ToolChoice = ChatToolChoice.CreateNoneChoice(), MaxOutputTokenCount = 5 });
        Assert.Empty(last.ToolCalls);
    }

    [Fact]
    public async Task ItEmbeds()
    {
        EmbeddingClient embeddings = Client.GetEmbeddingClient("tiny");
        OpenAIEmbeddingCollection vectors = await embeddings.GenerateEmbeddingsAsync(["hello", "good day"], new OpenAI.Embeddings.EmbeddingGenerationOptions { Dimensions = 16 });
        Assert.Equal([16, 16], vectors.Select(vector => vector.ToFloats().Length));
        Assert.True(vectors.Usage.InputTokenCount > 0);
    }

    [Fact]
    public async Task ItListsModels()
    {
        OpenAIModelCollection models = await Client.GetOpenAIModelClient().GetModelsAsync();
        Assert.Equal("tiny", Assert.Single(models).Id);
    }

    [Fact]
    public async Task ItUnderstandsErrors()
    {
        ClientResultException unknown = await Assert.ThrowsAsync<ClientResultException>(() => Client.GetChatClient("other").CompleteChatAsync([new UserChatMessage("Hello")]));
        Assert.Equal(404, unknown.Status);
        Assert.Contains("model_not_found", unknown.Message);
        ClientResultException wrong = await Assert.ThrowsAsync<ClientResultException>(() => Client.GetChatClient("tiny").CompleteChatAsync([new UserChatMessage("Hello")], new ChatCompletionOptions { Temperature = 3 }));
        Assert.Equal(400, wrong.Status);
        Assert.Contains("temperature", wrong.Message);
    }
}
