using System.Diagnostics;
using Caravan.Models;
using Microsoft.Extensions.Logging;

namespace Caravan.Server;

/// <summary>
/// Knows which models there are, loads them when they are asked for, and unloads those that nobody uses, the least recently used first, when
/// the memory budget has no room for another.
/// </summary>
internal sealed partial class ModelHost : IDisposable
{
    private readonly ServerOptions options;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim loading = new(1);
    private readonly Dictionary<string, ModelSlot> slots = new(StringComparer.Ordinal);
    private readonly Timer rates;
    private TaskCompletionSource returned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long uses;
    private bool disposed;

    /// <exception cref="CaravanException">The folder of models is not there.</exception>
    public ModelHost(ServerOptions options, ILogger<ModelHost> logger)
    {
        this.options = options;
        this.logger = logger;
        if (options.ModelPath is { } path) DefaultId = Add(new ModelSource(options.ModelName ?? ModelNames.Short(path), path)).Source.Id;
        Adapters = [.. options.Adapters.Select(adapter => adapter.Name ?? PeftReader.NameOf(adapter.Path))];
        if (Adapters.Contains(DefaultId)) throw new CaravanException($"The adapter '{DefaultId}' has the name of its model; give it another (PATH=NAME).");
        Refresh();
        rates = new Timer(_ => ReadRates(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>The model that answers requests which name none; null where there is none.</summary>
    public string? DefaultId { get; }

    /// <summary>The adapters of the default model, which are asked for like models.</summary>
    public IReadOnlyList<string> Adapters { get; }

    /// <summary>Whether the default model is loaded, or there is none to load.</summary>
    public bool IsReady
    {
        get
        {
            lock (gate) return DefaultId is null || slots[DefaultId].Loaded is not null;
        }
    }

    /// <summary>All models, those that came into the folder since included.</summary>
    public IReadOnlyList<ModelSlot> Slots
    {
        get
        {
            Refresh();
            lock (gate) return [.. slots.Values];
        }
    }

    /// <summary>A model by its name or that of its adapter; null where there is none.</summary>
    public ModelSlot? Find(string id)
    {
        if (AdapterOf(id) is not null) id = DefaultId!;
        lock (gate)
            if (slots.TryGetValue(id, out ModelSlot? known)) return known;
        Refresh();
        lock (gate)
        {
            // Ollama's clients put a tag behind names.
            const string tag = ":latest";
            return slots.GetValueOrDefault(id) ?? (id.EndsWith(tag, StringComparison.Ordinal) ? slots.GetValueOrDefault(id[..^tag.Length]) : null);
        }
    }

    /// <summary>The adapter that a name means; null for none. Ollama's clients put a tag behind names.</summary>
    public string? AdapterOf(string? id) => id is null ? null : Adapters.FirstOrDefault(adapter => adapter == id || $"{adapter}:latest" == id);

    /// <summary>Gives a model for use, loaded if need be.</summary>
    /// <param name="id">Its name; null for the default.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="ApiException">There is no such model, or no room for it.</exception>
    public async Task<ModelLease> LeaseAsync(string? id, CancellationToken cancellation)
    {
        id ??= DefaultId ?? throw ApiException.Invalid("Missing required parameter: 'model'.", "model", "missing_required_parameter");
        ModelSlot slot = Find(id) ?? throw ApiException.UnknownModel(id);
        if (TryLease(slot) is { } quick) return quick;
        long start = Stopwatch.GetTimestamp();
        await loading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (TryLease(slot) is { } other) return other;
            await MakeRoomAsync(slot, cancellation).ConfigureAwait(false);
            ServedModel model = await LoadAsync(slot).ConfigureAwait(false);
            slot.KnownBytes = model.Bytes;
            // How much a model takes with its cache is known for certain only when it is there.
            while (!await MakeRoomAsync(model.Bytes).ConfigureAwait(false))
            {
                model.Dispose();
                await MakeRoomAsync(slot, cancellation).ConfigureAwait(false);
                model = await LoadAsync(slot).ConfigureAwait(false);
            }

            if (model.Bytes > options.MemoryBudget)
            {
                model.Dispose();
                throw TooLarge(slot, model.Bytes);
            }

            lock (gate)
            {
                if (disposed)
                {
                    model.Dispose();
                    throw Ending();
                }

                slot.Loaded = model;
                slot.Facts = FactsOf.Model(model, slot.Source);
                return Lease(slot, model, Stopwatch.GetElapsedTime(start));
            }
        }
        finally
        {
            loading.Release();
        }
    }

    /// <summary>Unloads a model unless somebody uses it.</summary>
    public async Task UnloadAsync(ModelSlot slot, CancellationToken cancellation)
    {
        await loading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            Take(slot)?.Dispose();
        }
        finally
        {
            loading.Release();
        }
    }

    /// <summary>Ends everything; requests that run are told so.</summary>
    public void Dispose()
    {
        ServedModel[] models;
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            models = [.. slots.Values.Select(slot => slot.Loaded).OfType<ServedModel>()];
            foreach (ModelSlot slot in slots.Values) slot.Loaded = null;
        }

        rates.Dispose();
        foreach (ServedModel model in models) model.Dispose();
    }

    internal void Return(ModelSlot slot)
    {
        lock (gate)
        {
            if (--slot.Users > 0) return;
            returned.TrySetResult();
            returned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private ModelSlot Add(ModelSource source)
    {
        lock (gate) return slots[source.Id] = new ModelSlot(source);
    }

    /// <summary>Looks into the folder again: what is new can be asked for, and what is gone cannot unless it is loaded.</summary>
    private void Refresh()
    {
        if (options.ModelsFolder is not { } folder) return;
        IReadOnlyList<ModelSource> found = ModelSource.In(folder);
        lock (gate)
        {
            foreach (ModelSource source in found)
                if (!slots.ContainsKey(source.Id)) slots[source.Id] = new ModelSlot(source);
            foreach (ModelSlot slot in slots.Values.Where(slot => slot.Loaded is null && slot.Users == 0 && slot.Source.Id != DefaultId && found.All(source => source.Path != slot.Source.Path)).ToArray())
                slots.Remove(slot.Source.Id);
        }
    }

    private ModelLease? TryLease(ModelSlot slot)
    {
        lock (gate)
        {
            if (disposed) throw Ending();
            return slot.Loaded is { } model ? Lease(slot, model, TimeSpan.Zero) : null;
        }
    }

    private ModelLease Lease(ModelSlot slot, ServedModel model, TimeSpan loadTime)
    {
        slot.Users++;
        slot.LastUse = ++uses;
        return new ModelLease(this, slot, model) { LoadTime = loadTime };
    }

    private async Task<ServedModel> LoadAsync(ModelSlot slot)
    {
        long start = Stopwatch.GetTimestamp();
        ServedModel model;
        try
        {
            model = await Task.Run(() => ServedModel.Load(slot.Source, options)).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CaravanException or OutOfMemoryException or IOException)
        {
            LogFailure(exception, slot.Source.Id);
            string reason = exception is CaravanException ? exception.Message.Replace(slot.Source.Path, slot.Source.Id, StringComparison.Ordinal) : "The system refused.";
            throw new ApiException(500, "server_error", $"The model '{slot.Source.Id}' could not be loaded. {reason}", "model", "model_load_failed");
        }

        (double megabytes, double seconds) = (model.Bytes / 1e6, Stopwatch.GetElapsedTime(start).TotalSeconds);
        LogLoaded(slot.Source.Id, megabytes, seconds);
        return model;
    }

    /// <summary>Unloads others until a model fits by what is known of it; waits for those that are in use.</summary>
    private async Task MakeRoomAsync(ModelSlot wanted, CancellationToken cancellation)
    {
        long bytes = Math.Max(wanted.KnownBytes, wanted.Source.Bytes);
        if (bytes > options.MemoryBudget) throw TooLarge(wanted, bytes);
        while (true)
        {
            Task next;
            lock (gate) next = returned.Task;
            if (await MakeRoomAsync(bytes).ConfigureAwait(false)) return;
            await next.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Unloads what nobody uses until so many bytes are free; false when that is not enough.</summary>
    private async Task<bool> MakeRoomAsync(long bytes)
    {
        while (options.MemoryBudget is { } budget && LoadedBytes() is > 0 and var loaded && loaded + bytes > budget)
        {
            ModelSlot? idle;
            lock (gate) idle = slots.Values.Where(slot => slot.Loaded is not null && slot.Users == 0).MinBy(slot => slot.LastUse);
            if (idle is null) return false;
            if (Take(idle) is { } model) await Task.Run(model.Dispose).ConfigureAwait(false);
        }

        return true;
    }

    private ServedModel? Take(ModelSlot slot)
    {
        lock (gate)
        {
            if (slot.Users > 0 || slot.Loaded is not { } model) return null;
            slot.Loaded = null;
            LogUnloaded(slot.Source.Id);
            return model;
        }
    }

    private long LoadedBytes()
    {
        lock (gate) return slots.Values.Sum(slot => slot.Loaded?.Bytes ?? 0);
    }

    private void ReadRates()
    {
        lock (gate)
            foreach (ModelSlot slot in slots.Values)
                if (slot.Loaded is { Generates: true } model) slot.Rate.Read(model.Loop.Engine.Status.GeneratedTokens);
    }

    private static ApiException Ending() => ApiException.Unavailable("The server is shutting down and takes no more requests.", "server_shutting_down");

    private ApiException TooLarge(ModelSlot slot, long bytes) => ApiException.Unavailable(
        $"The model '{slot.Source.Id}' takes {bytes / 1e6:0} MB with its cache, and the memory budget of this server has no room for it ({options.MemoryBudget / 1e6:0} MB for all models).", "model_too_large");

    [LoggerMessage(Level = LogLevel.Information, Message = "Loaded {Model}: {Megabytes:0} MB in {Seconds:0.0} s.")]
    private partial void LogLoaded(string model, double megabytes, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Unloaded {Model}.")]
    private partial void LogUnloaded(string model);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Model} could not be loaded.")]
    private partial void LogFailure(Exception exception, string model);
}
