using Caravan.Inference;
using Caravan.Text;

namespace Caravan.Server;

/// <summary>Texts to be continued, as they were asked for.</summary>
internal sealed record CompletionOrder
{
    /// <summary>The prompts.</summary>
    public required IReadOnlyList<EncodedPrompt> Prompts { get; init; }

    /// <summary>What is shown of each prompt when it is echoed.</summary>
    public required IReadOnlyList<string> Shown { get; init; }

    /// <summary>How; its prompt is one of <see cref="Prompts"/>.</summary>
    public required TextRequest Request { get; init; }

    /// <summary>Most tokens of an answer; 0 where only the echo is wanted.</summary>
    public int MaxTokens { get; init; }

    /// <summary>How many answers to each prompt.</summary>
    public int Answers { get; init; } = 1;

    /// <summary>How many are generated, of which the most probable are told.</summary>
    public int BestOf { get; init; } = 1;

    /// <summary>Whether the prompt stands before its answers.</summary>
    public bool Echo { get; init; }

    /// <summary>How many alternatives are told for each token; null where no log-probabilities are.</summary>
    public int? LogProbs { get; init; }

    /// <summary>Whether pieces are sent as they come.</summary>
    public bool Streams { get; init; }

    /// <summary>Whether a stream ends with its usage.</summary>
    public bool TellsUsage { get; init; }

    /// <summary>Whether log-probabilities are told.</summary>
    public bool Tells => LogProbs is not null;

    /// <summary>Reads a request of <c>/v1/completions</c>.</summary>
    /// <exception cref="ApiException">A field is not as it should be.</exception>
    public static CompletionOrder Read(ApiCall call)
    {
        Fields body = call.Body;
        // Refuses what generates no text, before anything is read for it.
        _ = (call.Model.Loop, call.Model.Tokenizer);
        int? logProbs = body.Whole("logprobs", 0, 20);
        int answers = body.Whole("n", 1, 128) ?? 1, bestOf = body.Whole("best_of", 1, 128) ?? answers;
        bool streams = body.Switch("stream") ?? false, echo = body.Switch("echo") ?? false;
        if (bestOf < answers) throw ApiException.Invalid($"Invalid value for 'best_of': it is {bestOf}, and 'n' is {answers}; as many have to be generated as are told.", "best_of");
        if (bestOf > answers && streams) throw ApiException.Invalid("Invalid value for 'best_of': which answers are best is known when they are whole, and they cannot be streamed.", "best_of");
        int? most = body.Whole("max_tokens", 0);
        if (most == 0 && !echo) throw ApiException.Invalid("Invalid value for 'max_tokens': 0 is for requests with 'echo': true.", "max_tokens", "integer_below_min_value");
        SamplingOptions sampling = SamplingFields.Read(body, call.Model.Model.Spec.VocabularySize, logProbs ?? 0) with { Grammar = StructuredFields.Read(body, call.Grammars) };
        string? suffix = body.Text("suffix");
        FillInTheMiddle? filling = suffix is null ? null : call.Model.FillInTheMiddle
            ?? throw ApiException.Unsupported($"The model '{call.Model.Id}' was not taught to fill gaps: its vocabulary has no tokens for it. Leave 'suffix' out.", "suffix");
        if (filling is not null && echo) throw ApiException.Unsupported("'echo' and 'suffix' do not go together.", "suffix");
        Tokenizer tokenizer = call.Model.Tokenizer;
        IReadOnlyList<TextInput> inputs = body.Has("prompt") || suffix is null
            ? TextInputs.Read(body, "prompt", text => filling is null ? PromptOf(tokenizer, text) : new EncodedPrompt(filling.Encode(text, suffix!)), tokenizer.VocabularySize)
            : [new TextInput("", new EncodedPrompt(filling!.Encode("", suffix)))];
        foreach (TextInput input in inputs) call.RequirePrompt(input.Prompt.Tokens.Length);
        TextRequest request = call.ReadRequest(sampling, most ?? 16);
        return new CompletionOrder
        {
            Prompts = [.. inputs.Select(input => input.Prompt)],
            Shown = [.. inputs.Select(input => input.Text ?? tokenizer.Decode(input.Prompt.Tokens))],
            Request = filling is null ? request : request with { StopTokens = filling.EndTokens },
            MaxTokens = most ?? 16,
            Answers = answers,
            BestOf = bestOf,
            Echo = echo,
            LogProbs = logProbs,
            Streams = streams,
            TellsUsage = body.Object("stream_options")?.Switch("include_usage") ?? false,
        };
    }

    /// <summary>Asks for the answers.</summary>
    /// <exception cref="CaravanException">A prompt does not fit the context.</exception>
    public AnswerSet<TextStream, TextDelta> Start(ApiCall call) => new(
        Prompts.Count, BestOf, (prompt, number) => call.Model.Loop.Stream(Request with { Encoded = Prompts[prompt], Sampling = Request.Sampling.ForAnswer(number) }), stream => stream.Tokens);

    /// <summary>What stands before each prompt's answers.</summary>
    /// <exception cref="CaravanException">A prompt does not fit the context, or the model cannot tell how probable it is.</exception>
    public async Task<EchoedPrompt[]> EchoAsync(ApiCall call)
    {
        EchoedPrompt[] echoes = new EchoedPrompt[Prompts.Count];
        for (int i = 0; i < echoes.Length; i++)
        {
            IReadOnlyList<ScoredToken> scores = Echo && LogProbs is { } alternatives
                ? await PromptScorer.ScoreAsync(call.Model.Loop, Prompts[i].Tokens, alternatives, call.Adapter).WaitAsync(call.Aborted).ConfigureAwait(false)
                : [];
            echoes[i] = new EchoedPrompt(call.Model.Tokenizer, Echo ? Shown[i] : "", Echo ? Prompts[i].Tokens : [], scores);
        }

        return echoes;
    }

    /// <summary>Nothing but the token that begins a text where the text is empty.</summary>
    private static EncodedPrompt PromptOf(Tokenizer tokenizer, string text)
    {
        EncodedPrompt prompt = tokenizer.EncodePrompt(text, addSpecial: true, parseSpecial: false);
        if (prompt.Tokens.Length > 0) return prompt;
        return tokenizer.BosId is { } first ? new EncodedPrompt([first]) : throw ApiException.Invalid("Invalid value for 'prompt': it is empty, and this model has no token that begins a text.", "prompt");
    }
}
