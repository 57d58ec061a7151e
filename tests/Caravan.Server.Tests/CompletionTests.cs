using System.Text.Json;

namespace Caravan.Server.Tests;

public sealed class CompletionTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task ATextIsContinued()
    {
        JsonElement answer = await server.PostAsync(Path, "{\"model\":\"tiny\",\"prompt\":\"Once\",\"ignore_eos\":true,\"temperature\":0}");
        Assert.StartsWith("cmpl-", answer.GetProperty("id").GetString());
        Assert.Equal("text_completion", answer.GetProperty("object").GetString());
        JsonElement choice = Assert.Single(answer.GetProperty("choices").EnumerateArray());
        Assert.Equal(("length", JsonValueKind.Null), (choice.GetProperty("finish_reason").GetString(), choice.GetProperty("logprobs").ValueKind));
        Assert.Equal(16, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task SeveralPromptsAsTextsOrTokensHaveAnswersInOrder()
    {
        const string rest = "\"max_tokens\":8,\"temperature\":0,\"ignore_eos\":true,\"n\":2}";
        JsonElement texts = await server.PostAsync(Path, "{\"prompt\":[\"ab\",\"cd\"]," + rest), tokens = await server.PostAsync(Path, "{\"prompt\":[[64,65],[66,67]]," + rest);
        Assert.Equal([0, 1, 2, 3], texts.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        string[] answers = [.. texts.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()!)];
        Assert.Equal(answers[0], answers[1]);
        Assert.NotEqual(answers[0], answers[2]);
        Assert.Equal(texts.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), tokens.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(4, texts.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(32, texts.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(",\"logprobs\":2", false)]
    [InlineData(",\"logprobs\":2", true)]
    public async Task AStreamSaysTheSameAsAWholeAnswer(string more, bool echo)
    {
        string asked = $"{{\"prompt\":\"Once upon\",\"max_tokens\":12,\"temperature\":0,\"ignore_eos\":true,\"echo\":{(echo ? "true" : "false")}{more}";
        JsonElement whole = (await server.PostAsync(Path, asked + "}")).GetProperty("choices")[0];
        List<JsonElement> events = await server.EventsAsync(Path, asked + ",\"stream\":true}");
        JsonElement[] choices = [.. events.Select(next => next.GetProperty("choices")[0])];
        Assert.Equal(whole.GetProperty("text").GetString(), string.Concat(choices.Select(choice => choice.GetProperty("text").GetString())));
        if (more.Length == 0) return;
        foreach (string list in (string[])["tokens", "token_logprobs", "text_offset", "top_logprobs"])
        {
            Assert.Equal(
                whole.GetProperty("logprobs").GetProperty(list).EnumerateArray().Select(item => item.ToString()),
                choices.Where(choice => choice.GetProperty("logprobs").ValueKind == JsonValueKind.Object).SelectMany(choice => choice.GetProperty("logprobs").GetProperty(list).EnumerateArray()).Select(item => item.ToString()));
        }
    }

    [Fact]
    public async Task TheEchoOfAnAnswerHasItsProbabilities()
    {
        const string rest = ",\"temperature\":0,\"ignore_eos\":true,\"logprobs\":1";
        JsonElement answered = (await server.PostAsync(Path, "{\"prompt\":[64,65,66],\"max_tokens\":6" + rest + "}")).GetProperty("choices")[0].GetProperty("logprobs");
        int[] prompt = [64, 65, 66];
        // The same tokens again, as a prompt that is only scored: batched and paged computation may differ in the last bits.
        JsonElement tokenized = await server.PostAsync("/v1/completions", "{\"prompt\":[64,65,66],\"max_tokens\":1,\"echo\":true" + rest + "}");
        JsonElement echoed = tokenized.GetProperty("choices")[0].GetProperty("logprobs");
        Assert.Equal(4, echoed.GetProperty("tokens").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, echoed.GetProperty("token_logprobs")[0].ValueKind);
        Assert.Equal(JsonValueKind.Null, echoed.GetProperty("top_logprobs")[0].ValueKind);
        Assert.Equal(answered.GetProperty("token_logprobs")[0].GetSingle(), echoed.GetProperty("token_logprobs")[prompt.Length].GetSingle(), 1e-3f);
        // A most probable token scored as part of a prompt has the probability with which it was generated.
        string first = answered.GetProperty("tokens")[0].GetString()!;
        JsonElement ids = await server.PostAsync("/v1/tokenize", $"{{\"text\":{JsonSerializer.Serialize(first)}}}");
        if (ids.GetProperty("count").GetInt32() != 1) return;
        JsonElement scored = await server.PostAsync(Path, $"{{\"prompt\":[64,65,66,{ids.GetProperty("tokens")[0].GetInt32()}],\"max_tokens\":0,\"echo\":true{rest}}}");
        JsonElement log = scored.GetProperty("choices")[0].GetProperty("logprobs");
        Assert.Equal(answered.GetProperty("token_logprobs")[0].GetSingle(), log.GetProperty("token_logprobs")[3].GetSingle(), 1e-3f);
        Assert.Equal(first, log.GetProperty("top_logprobs")[3].EnumerateObject().First().Name);
        Assert.Equal(0, scored.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task TheBestOfSeveralAreTheMostProbable()
    {
        const string asked = "{\"prompt\":\"Once\",\"max_tokens\":4,\"seed\":3,\"ignore_eos\":true,\"logprobs\":0,";
        static double Mean(JsonElement choice) => choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Average(item => item.GetSingle());
        double[] all = [.. (await server.PostAsync(Path, asked + "\"n\":6}")).GetProperty("choices").EnumerateArray().Select(Mean)];
        JsonElement best = await server.PostAsync(Path, asked + "\"n\":2,\"best_of\":6}");
        Assert.Equal(all.OrderDescending().Take(2), best.GetProperty("choices").EnumerateArray().Select(Mean));
        Assert.Equal(24, best.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task AGapIsFilled()
    {
        JsonElement answer = await server.PostAsync(Path, "{\"prompt\":\"def f(\",\"suffix\":\"return 1\",\"max_tokens\":3,\"temperature\":0,\"ignore_eos\":true}");
        JsonElement first = await server.PostAsync("/v1/tokenize", "{\"text\":\"<|fim_prefix|>def f(<|fim_suffix|>return 1<|fim_middle|>\",\"parse_special\":true}");
        Assert.Equal(first.GetProperty("count").GetInt32(), answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        JsonElement same = await server.PostAsync(Path, $"{{\"prompt\":{first.GetProperty("tokens")},\"max_tokens\":3,\"temperature\":0,\"ignore_eos\":true}}");
        Assert.Equal(same.GetProperty("choices")[0].GetProperty("text").GetString(), answer.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("\"prompt\":\"a\",\"best_of\":2,\"n\":3", "best_of")]
    [InlineData("\"prompt\":\"a\",\"best_of\":2,\"stream\":true", "best_of")]
    [InlineData("\"prompt\":\"a\",\"max_tokens\":0", "max_tokens")]
    [InlineData("\"prompt\":[]", "prompt")]
    [InlineData("\"prompt\":[[1],\"a\",{}]", "prompt[2]")]
    [InlineData("\"prompt\":[1,99999]", "prompt[1]")]
    [InlineData("\"n\":1", "prompt")]
    [InlineData("\"prompt\":\"a\",\"suffix\":\"b\",\"echo\":true", "suffix")]
    public async Task WhatMakesNoSenseIsNamed(string fields, string param) =>
        Assert.Equal(param, (await server.RefusedAsync(Path, $"{{{fields}}}")).GetProperty("param").GetString());
}
