using System.Text.Json;

namespace Caravan.Server.Tests;

public sealed class ChatCompletionTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Path = "/v1/chat/completions";
    private const string Messages = "\"model\":\"tiny\",\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Hello\"}]";

    [Fact]
    public async Task AnAnswerHasTheFieldsOfOpenAi()
    {
        JsonElement answer = await server.PostAsync(Path, $"{{{Messages},\"max_tokens\":5,\"temperature\":0,\"ignore_eos\":true}}");
        Assert.StartsWith("chatcmpl-", answer.GetProperty("id").GetString());
        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.Equal("tiny", answer.GetProperty("model").GetString());
        Assert.True(answer.GetProperty("created").GetInt64() > 1_700_000_000);
        Assert.StartsWith("caravan-", answer.GetProperty("system_fingerprint").GetString());
        JsonElement choice = Assert.Single(answer.GetProperty("choices").EnumerateArray());
        Assert.Equal(0, choice.GetProperty("index").GetInt32());
        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("logprobs").ValueKind);
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        Assert.Equal(JsonValueKind.String, choice.GetProperty("message").GetProperty("content").ValueKind);
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("refusal").ValueKind);
        JsonElement usage = answer.GetProperty("usage");
        Assert.Equal(5, usage.GetProperty("completion_tokens").GetInt32());
        Assert.Equal(usage.GetProperty("prompt_tokens").GetInt32() + 5, usage.GetProperty("total_tokens").GetInt32());
        Assert.True(usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32() >= 0);
        Assert.True(answer.GetProperty("timings").GetProperty("time_to_first_token_ms").GetDouble() > 0);
    }

    [Fact]
    public async Task AStreamSaysTheSameAsAWholeAnswer()
    {
        string asked = $"{{{Messages},\"max_tokens\":20,\"seed\":7,\"ignore_eos\":true";
        JsonElement whole = await server.PostAsync(Path, asked + "}");
        List<JsonElement> events = await server.EventsAsync(Path, asked + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
        JsonElement role = events[0].GetProperty("choices")[0].GetProperty("delta");
        Assert.Equal(("assistant", ""), (role.GetProperty("role").GetString(), role.GetProperty("content").GetString()));
        string text = string.Concat(events.SelectMany(next => next.GetProperty("choices").EnumerateArray())
            .Select(choice => choice.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : ""));
        Assert.Equal(whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), text);
        Assert.Equal("length", events[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.All(events.SkipLast(2), next => Assert.Equal(JsonValueKind.Null, next.GetProperty("choices")[0].GetProperty("finish_reason").ValueKind));
        Assert.Empty(events[^1].GetProperty("choices").EnumerateArray());
        Assert.Equal(20, events[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Single(events.Select(next => next.GetProperty("id").GetString()).Distinct());
        Assert.All(events, next => Assert.Equal("chat.completion.chunk", next.GetProperty("object").GetString()));
    }

    [Fact]
    public async Task SeveralAnswersShareThePrompt()
    {
        string long_ = string.Join(' ', Enumerable.Repeat("hello", 20));
        JsonElement answer = await server.PostAsync(Path, $"{{\"messages\":[{{\"role\":\"user\",\"content\":\"{long_}\"}}],\"n\":3,\"max_tokens\":4,\"seed\":1,\"ignore_eos\":true}}");
        Assert.Equal([0, 1, 2], answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(3, answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("message").GetProperty("content").GetString()).Distinct().Count());
        Assert.Equal(12, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        List<JsonElement> events = await server.EventsAsync(Path, $"{{{Messages},\"n\":3,\"max_tokens\":4,\"ignore_eos\":true,\"stream\":true}}");
        Assert.Equal([0, 1, 2], events.SelectMany(next => next.GetProperty("choices").EnumerateArray())
            .Where(choice => choice.GetProperty("finish_reason").ValueKind == JsonValueKind.String).Select(choice => choice.GetProperty("index").GetInt32()).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LogProbabilitiesAreThoseOfEveryToken(bool streams)
    {
        string asked = $"{{{Messages},\"max_tokens\":6,\"temperature\":0,\"ignore_eos\":true,\"logprobs\":true,\"top_logprobs\":3,\"stream\":{(streams ? "true" : "false")}}}";
        IEnumerable<JsonElement> choices = streams ? (await server.EventsAsync(Path, asked)).Select(next => next.GetProperty("choices")[0]) : [(await server.PostAsync(Path, asked)).GetProperty("choices")[0]];
        JsonElement[] tokens = [.. choices.Where(choice => choice.GetProperty("logprobs").ValueKind == JsonValueKind.Object).SelectMany(choice => choice.GetProperty("logprobs").GetProperty("content").EnumerateArray())];
        Assert.Equal(6, tokens.Length);
        foreach (JsonElement token in tokens)
        {
            JsonElement[] top = [.. token.GetProperty("top_logprobs").EnumerateArray()];
            Assert.Equal(3, top.Length);
            // The most probable token is taken at temperature 0.
            Assert.Equal(token.GetProperty("logprob").GetSingle(), top[0].GetProperty("logprob").GetSingle());
            Assert.Equal(top.Select(other => other.GetProperty("logprob").GetSingle()).OrderDescending(), top.Select(other => other.GetProperty("logprob").GetSingle()));
            Assert.NotEmpty(token.GetProperty("bytes").EnumerateArray());
        }
    }

    [Fact]
    public async Task AStopStringEndsTheAnswerAndIsNotPartOfIt()
    {
        string asked = $"{{{Messages},\"max_tokens\":30,\"temperature\":0,\"ignore_eos\":true";
        string text = (await server.PostAsync(Path, asked + "}")).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
        string stop = text.Substring(text.Length / 2, 2);
        JsonElement choice = (await server.PostAsync(Path, $"{asked},\"stop\":[\"never seen\",{JsonSerializer.Serialize(stop)}]}}")).GetProperty("choices")[0];
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)], choice.GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task ABiasChoosesTheToken()
    {
        JsonElement tokens = await server.PostAsync("/v1/tokenize", "{\"model\":\"tiny\",\"text\":\"x\"}");
        int token = tokens.GetProperty("tokens")[0].GetInt32();
        JsonElement answer = await server.PostAsync(Path, $"{{{Messages},\"max_tokens\":3,\"logit_bias\":{{\"{token}\":100}}}}");
        Assert.Equal("xxx", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task PartsAndDevelopersAndUnknownFieldsAreTaken()
    {
        string parts = "{\"messages\":[{\"role\":\"developer\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hel\"},{\"type\":\"text\",\"text\":\"lo\"}]}],\"max_tokens\":5,\"temperature\":0,\"store\":true,\"unheard_of\":{}}";
        JsonElement one = await server.PostAsync(Path, parts), other = await server.PostAsync(Path, $"{{{Messages},\"max_completion_tokens\":5,\"max_tokens\":9,\"temperature\":0}}");
        Assert.Equal(one.GetProperty("choices").ToString(), other.GetProperty("choices").ToString());
    }

    [Fact]
    public async Task TheSecondTimeAPromptIsFoundInItsPages()
    {
        string asked = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + new string('q', 60) + "\"}],\"max_tokens\":2}";
        await server.PostAsync(Path, asked);
        JsonElement usage = (await server.PostAsync(Path, asked)).GetProperty("usage");
        Assert.InRange(usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32(), 32, usage.GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task AnAnswerGoesOnWithTheLastMessage()
    {
        const string rest = "\"max_tokens\":6,\"temperature\":0,\"ignore_eos\":true";
        JsonElement answer = await server.PostAsync(Path, $"{{\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}},{{\"role\":\"assistant\",\"content\":\"Good \"}}],\"continue_final_message\":true,{rest}}}");
        JsonElement prompt = await server.PostAsync("/v1/tokenize", "{\"text\":\"<|im_start|>user\\nHello<|im_end|>\\n<|im_start|>assistant\\nGood \",\"parse_special\":true}");
        JsonElement same = await server.PostAsync("/v1/completions", $"{{\"prompt\":{prompt.GetProperty("tokens")},{rest}}}");
        Assert.Equal(same.GetProperty("choices")[0].GetProperty("text").GetString(), answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("continue_final_message", (await server.RefusedAsync(Path, $"{{{Messages},\"continue_final_message\":true}}")).GetProperty("param").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ACallThatIsAskedForIsMadeAndAnswered(bool streams)
    {
        const string tools = "[{\"type\":\"function\",\"function\":{\"name\":\"other\"}},{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"enum\":[\"Rome\",\"Oslo\"]}},\"required\":[\"city\"]}}}]";
        const string choice = "{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}";
        string asked = $"{{{Messages},\"max_tokens\":200,\"tools\":{tools},\"tool_choice\":{choice},\"parallel_tool_calls\":false,\"stream\":{(streams ? "true" : "false")}}}";
        JsonElement[] choices = streams ? [.. (await server.EventsAsync(Path, asked)).Select(next => next.GetProperty("choices")[0])] : [(await server.PostAsync(Path, asked)).GetProperty("choices")[0]];
        Assert.Equal("tool_calls", choices[^1].GetProperty("finish_reason").GetString());
        JsonElement made = choices.Select(choice => choice.GetProperty(streams ? "delta" : "message")).Single(piece => piece.TryGetProperty("tool_calls", out _)).GetProperty("tool_calls")[0];
        Assert.Equal(("function", "weather"), (made.GetProperty("type").GetString(), made.GetProperty("function").GetProperty("name").GetString()));
        Assert.Contains(JsonDocument.Parse(made.GetProperty("function").GetProperty("arguments").GetString()!).RootElement.GetProperty("city").GetString(), (string[])["Rome", "Oslo"]);
        Assert.NotEmpty(made.GetProperty("id").GetString()!);
        string id = made.GetProperty("id").GetString()!;
        JsonElement next = await server.PostAsync(Path, $"{{\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}},{{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{{\"id\":\"{id}\",\"type\":\"function\",\"function\":{made.GetProperty("function")}}}]}},{{\"role\":\"tool\",\"tool_call_id\":\"{id}\",\"content\":\"sunny\"}}],\"max_tokens\":3}}");
        Assert.Equal("assistant", next.GetProperty("choices")[0].GetProperty("message").GetProperty("role").GetString());
    }

    [Theory]
    [InlineData("\"temperature\":2.5", "temperature", "decimal_above_max_value")]
    [InlineData("\"temperature\":\"hot\"", "temperature", "invalid_type")]
    [InlineData("\"top_p\":-0.1", "top_p", "decimal_below_min_value")]
    [InlineData("\"presence_penalty\":3", "presence_penalty", "decimal_above_max_value")]
    [InlineData("\"n\":0", "n", "integer_below_min_value")]
    [InlineData("\"n\":1.5", "n", "invalid_type")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs", "integer_above_max_value")]
    [InlineData("\"top_logprobs\":2", "top_logprobs", "invalid_value")]
    [InlineData("\"max_tokens\":0", "max_tokens", "integer_below_min_value")]
    [InlineData("\"stop\":[1]", "stop[0]", "invalid_type")]
    [InlineData("\"stop\":\"\"", "stop", "invalid_value")]
    [InlineData("\"logit_bias\":{\"x\":1}", "logit_bias", "invalid_logit_bias")]
    [InlineData("\"logit_bias\":{\"99999\":1}", "logit_bias", "invalid_logit_bias")]
    [InlineData("\"logit_bias\":{\"1\":200}", "logit_bias.1", "decimal_above_max_value")]
    [InlineData("\"stream\":1", "stream", "invalid_type")]
    [InlineData("\"seed\":\"a\"", "seed", "invalid_type")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function", "missing_required_parameter")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]", "tools[0].function.name", "invalid_value")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice", "invalid_value")]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "tool_choice", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", "response_format.type", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema", "missing_required_parameter")]
    [InlineData("\"deadline_ms\":0", "deadline_ms", "integer_below_min_value")]
    public async Task AFieldOutOfRangeIsNamed(string field, string param, string code)
    {
        JsonElement error = await server.RefusedAsync(Path, $"{{{Messages},{field}}}");
        Assert.Equal(("invalid_request_error", param, code), (error.GetProperty("type").GetString(), error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("{\"model\":\"tiny\"}", "messages", "missing_required_parameter")]
    [InlineData("{\"messages\":[]}", "messages", "empty_array")]
    [InlineData("{\"messages\":\"hi\"}", "messages", "invalid_type")]
    [InlineData("{\"messages\":[1]}", "messages[0]", "invalid_type")]
    [InlineData("{\"messages\":[{\"content\":\"a\"}]}", "messages[0].role", "missing_required_parameter")]
    [InlineData("{\"messages\":[{\"role\":\"robot\",\"content\":\"a\"}]}", "messages[0].role", "invalid_value")]
    [InlineData("{\"messages\":[{\"role\":\"user\"}]}", "messages[0].content", "missing_required_parameter")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":7}]}", "messages[0].content", "invalid_type")]
    [InlineData("{\"messages\":[{\"role\":\"tool\",\"content\":\"a\"}]}", "messages[0].tool_call_id", "missing_required_parameter")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"video\"}]}]}", "messages[0].content[0].type", "invalid_value")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://a/b.png\"}}]}]}", "messages[0].content[0].image_url.url", "invalid_image_url")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", "messages[0].content", "invalid_string")]
    [InlineData("[]", null, "invalid_json")]
    [InlineData("{\"messages\":", null, "invalid_json")]
    [InlineData("", null, "invalid_json")]
    public async Task AConversationThatIsNoneIsRefused(string body, string? param, string code)
    {
        JsonElement error = await server.RefusedAsync(Path, body);
        Assert.Equal((param, code), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task BytesThatAreNoTextAreRefused()
    {
        using HttpResponseMessage answer = await server.Http.PostAsync(Path, new ByteArrayContent([(byte)'{', 0xFF, (byte)'}']));
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains("invalid_json", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task AnUnknownModelIsNotFound()
    {
        JsonElement error = await server.RefusedAsync(Path, "{\"model\":\"../../etc/passwd\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}", 404);
        Assert.Equal(("model", "model_not_found"), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task APromptThatDoesNotFitIsRefused()
    {
        JsonElement error = await server.RefusedAsync(Path, "{\"messages\":[{\"role\":\"user\",\"content\":\"" + new string('q', 600) + "\"}]}");
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task WhatTakesTooLongIsToldSo()
    {
        string asked = $"{{{Messages},\"deadline_ms\":1,\"max_tokens\":200,\"ignore_eos\":true";
        JsonElement error = await server.RefusedAsync(Path, asked + "}", 408);
        Assert.Equal("request_timeout", error.GetProperty("code").GetString());
        string text = await server.PostTextAsync(Path, asked + ",\"stream\":true}");
        Assert.Contains("request_timeout", text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1]);
        Assert.DoesNotContain("[DONE]", text);
    }
}
