using Caravan.Inference;
using Caravan.Models;

namespace Caravan.Server;

/// <summary>What a server serves, where, and to whom.</summary>
internal sealed record ServerOptions
{
    /// <summary>The model that is loaded at once and answers requests that name none; null for none.</summary>
    public string? ModelPath { get; init; }

    /// <summary>What <see cref="ModelPath"/> is called; null for the name of its file or folder.</summary>
    public string? ModelName { get; init; }

    /// <summary>Adapters of that model: each is a model of its own to those who ask, and all are computed in the same passes. Empty for none.</summary>
    public IReadOnlyList<AdapterSource> Adapters { get; init; } = [];

    /// <summary>A folder of models, which are loaded when they are asked for; null for none.</summary>
    public string? ModelsFolder { get; init; }

    /// <summary>How the model at a path is loaded.</summary>
    public Func<string, ModelOptions> Loading { get; init; } = _ => new ModelOptions();

    /// <summary>How models run. Where it says nothing of the cache, each model has room for several texts of full length.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>A chat template for all models, by name or file; null for each model's own.</summary>
    public string? Template { get; init; }

    /// <summary>Bytes that all loaded models may take together, weights and caches; null for any.</summary>
    public long? MemoryBudget { get; init; }

    /// <summary>Most requests that may wait for a place in a model's batch; more are refused.</summary>
    public int QueueLength { get; init; } = 256;

    /// <summary>The address to listen at: an IP address, <c>localhost</c>, or <c>*</c> for all.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>A file of keys (<see cref="ApiKeyFile"/>), one of which every request has to bring; null lets everybody in.</summary>
    public string? ApiKeys { get; init; }

    /// <summary>Origins whose pages may use the API; <c>*</c> for all; empty for none but the server's own page.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Names besides this machine's own that requests may be addressed to while <see cref="Host"/> is a loopback address: those of a proxy in front. Empty for none.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Most bytes of a request's body.</summary>
    public long BodyLimit { get; init; } = 32 << 20;

    /// <summary>Most tokens of a prompt; null for what the context holds.</summary>
    public int? PromptLimit { get; init; }

    /// <summary>Longest time for a request, waiting included; null for any.</summary>
    public TimeSpan? RequestTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long answers may go on after the server was asked to stop.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the bodies of requests are logged.</summary>
    public bool LogPrompts { get; init; }

    /// <summary>Where the log goes; null for nowhere.</summary>
    public TextWriter? Log { get; init; }
}
