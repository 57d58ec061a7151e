using Caravan.Inference;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Server;

/// <summary>A request to a model: its fields, the model it is for, and what is measured of it.</summary>
internal sealed class ApiCall : IDisposable
{
    private readonly ModelLease lease;

    private ApiCall(HttpContext context, Fields body, ModelLease lease, Operation operation)
    {
        (Context, Body, this.lease, Operation) = (context, body, lease, operation);
        Options = context.RequestServices.GetRequiredService<ServerOptions>();
        Created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    }

    /// <summary>The HTTP request.</summary>
    public HttpContext Context { get; }

    /// <summary>Its body.</summary>
    public Fields Body { get; }

    /// <summary>The model it is for.</summary>
    public ServedModel Model => lease.Model;

    /// <summary>The adapter of the model that it is for; null for none.</summary>
    public string? Adapter { get; private init; }

    /// <summary>What it asked for: the model's name or the adapter's.</summary>
    public string ModelId => Adapter ?? Model.Id;

    /// <summary>How long it waited for the model to be loaded.</summary>
    public TimeSpan LoadTime => lease.LoadTime;

    /// <summary>What is measured of it.</summary>
    public Operation Operation { get; }

    /// <summary>How the server serves.</summary>
    public ServerOptions Options { get; }

    /// <summary>The forms of answers that were asked for lately.</summary>
    public GrammarCache Grammars => Context.RequestServices.GetRequiredService<GrammarCache>();

    /// <summary>When it came, in seconds since 1970.</summary>
    public long Created { get; }

    /// <summary>Cancelled when whoever asked has gone.</summary>
    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>What OpenAI calls the state of its backend: here the program's version.</summary>
    public static string Fingerprint { get; } = $"caravan-{typeof(ApiCall).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>Reads a request's body and gets its model.</summary>
    /// <exception cref="ApiException">The body is no JSON object, or there is no such model.</exception>
    public static async Task<ApiCall> BeginAsync(HttpContext context, string operation)
    {
        Fields body = await Fields.ReadAsync(context).ConfigureAwait(false);
        // Ollama's older clients say name.
        return await BeginAsync(context, operation, body, body.Text("model") ?? body.Text("name")).ConfigureAwait(false);
    }

    /// <summary>The same where the body was read already.</summary>
    public static async Task<ApiCall> BeginAsync(HttpContext context, string operation, Fields body, string? model)
    {
        ModelHost host = context.RequestServices.GetRequiredService<ModelHost>();
        if (model is not null && host.Find(model) is null) throw ApiException.UnknownModel(model);
        Operation measured = context.RequestServices.GetRequiredService<ServerMetrics>().Begin(context, operation, model ?? host.DefaultId ?? "");
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (context.RequestServices.GetRequiredService<ServerOptions>().RequestTimeout is { } longest) waiting.CancelAfter(longest);
        try
        {
            return new ApiCall(context, body, await host.LeaseAsync(model, waiting.Token).ConfigureAwait(false), measured) { Adapter = host.AdapterOf(model) };
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw ApiException.TimedOut();
        }
    }

    /// <summary>An identifier as OpenAI makes them, such as <c>chatcmpl-…</c>.</summary>
    public static string NewId(string kind) => $"{kind}-{Guid.NewGuid():N}";

    /// <summary>What a request says of sampling and of its place in the line, over an empty prompt.</summary>
    public TextRequest ReadRequest(SamplingOptions sampling, int? maxTokens) => new()
    {
        Prompt = "",
        Sampling = sampling,
        MaxTokens = Math.Min(maxTokens ?? int.MaxValue, Model.ContextLength),
        StopStrings = ReadStops(Body),
        Adapter = Adapter,
        IgnoreEnd = Body.Switch("ignore_eos") ?? false,
        Priority = Body.Whole("priority", -1000, 1000) ?? 0,
        Client = Context.Features.Get<ClientIdentity>()?.Name ?? "",
        Timeout = Shorter(Options.RequestTimeout, Body.Whole("deadline_ms", 1) is { } limit ? TimeSpan.FromMilliseconds(limit) : null),
    };

    /// <summary>Refuses prompts that are longer than this server takes.</summary>
    public void RequirePrompt(int tokens)
    {
        if (tokens > Options.PromptLimit)
            throw ApiException.Invalid($"The prompt has {tokens} tokens, and this server takes {Options.PromptLimit}; shorten it.", null, "context_length_exceeded");
    }

    /// <summary>Gives the model back. What is measured ends later, when the answer has been written: see <see cref="ErrorAnswers"/>.</summary>
    public void Dispose() => lease.Dispose();

    private static IReadOnlyList<string> ReadStops(Fields body)
    {
        IReadOnlyList<string> stops = body.Texts("stop");
        return stops.Contains("") ? throw ApiException.Invalid("Invalid value for 'stop': an empty string ends every text at once.", "stop") : stops;
    }

    private static TimeSpan? Shorter(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;
}
