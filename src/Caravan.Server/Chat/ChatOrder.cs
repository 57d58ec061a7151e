using System.Text.Json.Nodes;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>A conversation to be answered, as it was asked for.</summary>
internal sealed record ChatOrder
{
    /// <summary>The conversation, and how it is answered.</summary>
    public required ChatRequest Request { get; init; }

    /// <summary>How many answers.</summary>
    public int Answers { get; init; } = 1;

    /// <summary>Whether log-probabilities are told.</summary>
    public bool LogProbs { get; init; }

    /// <summary>Reads a request of <c>/v1/chat/completions</c>.</summary>
    /// <exception cref="ApiException">A field is not as it should be.</exception>
    public static ChatOrder Read(ApiCall call)
    {
        Fields body = call.Body;
        JsonArray messages = ChatMessages.Read(body);
        bool logProbs = body.Switch("logprobs") ?? false;
        int? alternatives = body.Whole("top_logprobs", 0, 20);
        if (alternatives > 0 && !logProbs) throw ApiException.Invalid("Invalid value for 'top_logprobs': it is for requests with 'logprobs': true.", "top_logprobs");
        SamplingOptions sampling = SamplingFields.Read(body, call.Model.Model.Spec.VocabularySize, alternatives ?? 0) with { Grammar = StructuredFields.Read(body, call.Grammars) };
        int? most = body.Whole("max_completion_tokens", 1) ?? body.Whole("max_tokens", 1);
        JsonArray? tools = ChatTools.Read(body);
        return new ChatOrder
        {
            Request = new ChatRequest
            {
                Messages = messages,
                Tools = tools,
                ToolChoice = ChatTools.ReadChoice(body, tools),
                ContinuesLast = ReadContinues(body, messages),
                ParallelToolCalls = body.Switch("parallel_tool_calls") ?? true,
                Text = call.ReadRequest(sampling, most),
            },
            Answers = body.Whole("n", 1, 128) ?? 1,
            LogProbs = logProbs,
        };
    }

    /// <summary>Whether the answer goes on with the last message, by the name that vLLM has for it.</summary>
    private static bool ReadContinues(Fields body, JsonArray messages)
    {
        if (body.Switch("continue_final_message") is not true) return false;
        if (body.Switch("add_generation_prompt") is true) throw ApiException.Invalid("Invalid value for 'add_generation_prompt': an answer cannot both go on with the last message and begin a new one.", "add_generation_prompt");
        bool isText = messages[^1] is JsonObject last && last["role"]?.ToString() == "assistant" && last["content"] is JsonValue && last["tool_calls"] is null;
        return isText ? true : throw ApiException.Invalid("Invalid value for 'continue_final_message': the last message is not a text of the assistant.", "continue_final_message");
    }

    /// <summary>Asks for the answers.</summary>
    /// <exception cref="ApiException">The prompt is too long for this server.</exception>
    /// <exception cref="CaravanException">The conversation cannot be written for the model, or does not fit its context.</exception>
    public AnswerSet<ChatStream, ChatDelta> Start(ApiCall call)
    {
        Func<int, ChatStream> begin = call.Model.Chat.Begin(Request);
        AnswerSet<ChatStream, ChatDelta> answers = new(1, Answers, (_, number) => begin(number), stream => stream.Tokens);
        try
        {
            call.RequirePrompt(answers[0].Tokens.PromptTokens);
            return answers;
        }
        catch
        {
            answers.Dispose();
            throw;
        }
    }
}
