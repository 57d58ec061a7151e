using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Server.Tests;

public sealed class VectorTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task VectorsHaveLengthOneAndDependOnTheirTextAlone()
    {
        JsonElement together = await server.PostAsync("/v1/embeddings", "{\"model\":\"tiny\",\"input\":[\"hello\",\"good day to you\",\"hello\"]}");
        Assert.Equal("list", together.GetProperty("object").GetString());
        float[][] vectors = [.. together.GetProperty("data").EnumerateArray().Select(item => Floats(item.GetProperty("embedding")))];
        Assert.All(vectors, vector => Assert.Equal(1, vector.Sum(feature => feature * feature), 1e-4f));
        float[] alone = Floats((await server.PostAsync("/v1/embeddings", "{\"input\":\"good day to you\"}")).GetProperty("data")[0].GetProperty("embedding"));
        for (int i = 0; i < alone.Length; i++) Assert.Equal(alone[i], vectors[1][i], 1e-4f);
        for (int i = 0; i < alone.Length; i++) Assert.Equal(vectors[0][i], vectors[2][i], 1e-4f);
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.Equal(together.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), together.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Base64HoldsTheSameNumbers()
    {
        float[] numbers = Floats((await server.PostAsync("/v1/embeddings", "{\"input\":[64,65],\"pooling\":\"last\"}")).GetProperty("data")[0].GetProperty("embedding"));
        byte[] bytes = (await server.PostAsync("/v1/embeddings", "{\"input\":[[64,65]],\"encoding_format\":\"base64\",\"pooling\":\"last\"}")).GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(numbers, Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, 4 * i)));
    }

    [Fact]
    public async Task FewerDimensionsAreTheFirstOnes()
    {
        float[] all = Floats((await server.PostAsync("/v1/embeddings", "{\"input\":\"hello\"}")).GetProperty("data")[0].GetProperty("embedding"));
        float[] few = Floats((await server.PostAsync("/v1/embeddings", "{\"input\":\"hello\",\"dimensions\":8}")).GetProperty("data")[0].GetProperty("embedding"));
        Assert.Equal(8, few.Length);
        double length = Math.Sqrt(all.Take(8).Sum(feature => feature * feature));
        for (int i = 0; i < 8; i++) Assert.Equal(all[i] / length, few[i], 1e-4);
    }

    [Fact]
    public async Task VectorsAreComputedBesideAnswers()
    {
        Task<JsonElement>[] answers = [.. Enumerable.Range(0, 4).Select(i => server.PostAsync("/v1/completions", $"{{\"prompt\":\"{i}\",\"max_tokens\":60,\"temperature\":0,\"ignore_eos\":true}}"))];
        Task<JsonElement>[] vectors = [.. Enumerable.Range(0, 20).Select(_ => server.PostAsync("/v1/embeddings", "{\"input\":\"hello\"}"))];
        string[] texts = [.. (await Task.WhenAll(answers)).Select(answer => answer.GetProperty("choices")[0].GetProperty("text").GetString()!)];
        Assert.Single((await Task.WhenAll(vectors)).Select(answer => answer.GetProperty("data").ToString()).Distinct());
        for (int i = 0; i < 4; i++)
            Assert.Equal((await server.PostAsync("/v1/completions", $"{{\"prompt\":\"{i}\",\"max_tokens\":60,\"temperature\":0,\"ignore_eos\":true}}")).GetProperty("choices")[0].GetProperty("text").GetString(), texts[i]);
    }

    [Fact]
    public async Task DocumentsAreSortedByTheQuery()
    {
        JsonElement answer = await server.PostAsync("/v1/rerank", "{\"query\":\"hello\",\"documents\":[\"something else\",{\"text\":\"hello\"},\"hello there\"],\"top_n\":2,\"return_documents\":true}");
        JsonElement[] results = [.. answer.GetProperty("results").EnumerateArray()];
        Assert.Equal(2, results.Length);
        Assert.Equal(1, results[0].GetProperty("index").GetInt32());
        Assert.Equal(1, results[0].GetProperty("relevance_score").GetSingle(), 1e-4f);
        Assert.Equal("hello", results[0].GetProperty("document").GetProperty("text").GetString());
        Assert.True(results[0].GetProperty("relevance_score").GetSingle() >= results[1].GetProperty("relevance_score").GetSingle());
    }

    [Fact]
    public async Task TextsBecomeTokensAndTokensTexts()
    {
        JsonElement tokens = await server.PostAsync("/v1/tokenize", "{\"model\":\"tiny\",\"content\":\"the name é\"}");
        Assert.Equal(tokens.GetProperty("count").GetInt32(), tokens.GetProperty("tokens").GetArrayLength());
        Assert.Equal("the", tokens.GetProperty("pieces")[0].GetString());
        JsonElement text = await server.PostAsync("/v1/detokenize", $"{{\"model\":\"tiny\",\"tokens\":{tokens.GetProperty("tokens")}}}");
        Assert.Equal("the name é", text.GetProperty("text").GetString());
    }

    [FixtureFact]
    public async Task AnEncoderGivesVectorsAndNoTexts()
    {
        await using RunningServer bert = await RunningServer.StartAsync((options, _) => options with { ModelPath = Fixtures.PathOf("models", "bert"), ModelName = "bert" });
        foreach (JsonElement sequence in JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("models", "bert", "expected.json"))).RootElement.GetProperty("sequences").EnumerateArray())
        {
            if (sequence.TryGetProperty("token_type_ids", out JsonElement types) && types.EnumerateArray().Any(type => type.GetInt32() != 0)) continue;
            float[] expected = Floats(sequence.GetProperty("mean_pooled"));
            double length = Math.Sqrt(expected.Sum(feature => (double)feature * feature));
            JsonElement answer = await bert.PostAsync("/v1/embeddings", $"{{\"input\":{sequence.GetProperty("input_ids")},\"pooling\":\"mean\"}}");
            float[] vector = Floats(answer.GetProperty("data")[0].GetProperty("embedding"));
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i] / length, vector[i], 1e-3);
        }

        Assert.Equal("encoder", (await bert.GetAsync("/v1/models/bert")).GetProperty("caravan").GetProperty("architecture").GetString());
        foreach (string path in (string[])["/v1/chat/completions", "/v1/completions"])
            Assert.Equal("unsupported_operation", (await bert.RefusedAsync(path, "{\"prompt\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}")).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("/v1/embeddings", "{}", "input")]
    [InlineData("/v1/embeddings", "{\"input\":\"a\",\"encoding_format\":\"hex\"}", "encoding_format")]
    [InlineData("/v1/embeddings", "{\"input\":\"a\",\"dimensions\":100000}", "dimensions")]
    [InlineData("/v1/embeddings", "{\"input\":[true]}", "input[0]")]
    [InlineData("/v1/embeddings", "{\"input\":\"a\",\"pooling\":\"max\"}", "pooling")]
    [InlineData("/v1/rerank", "{\"documents\":[\"a\"]}", "query")]
    [InlineData("/v1/rerank", "{\"query\":\"a\"}", "documents")]
    [InlineData("/v1/rerank", "{\"query\":\"a\",\"documents\":[{\"title\":\"b\"}]}", "documents[0].text")]
    [InlineData("/v1/tokenize", "{}", "text")]
    [InlineData("/v1/detokenize", "{\"tokens\":[1,-1]}", "tokens[1]")]
    public async Task WhatMakesNoSenseIsNamed(string path, string body, string param) => Assert.Equal(param, (await server.RefusedAsync(path, body)).GetProperty("param").GetString());

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetSingle())];
}
