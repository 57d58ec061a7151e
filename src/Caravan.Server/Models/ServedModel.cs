using Caravan.Inference;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Server;

/// <summary>A loaded model with all that it takes to answer requests.</summary>
internal sealed class ServedModel : IDisposable
{
    private readonly Engine? engine;
    private readonly EngineLoop? loop;
    private readonly ChatEngine? chat;

    private ServedModel(string id, Model model, ServerOptions options)
    {
        (Id, Model) = (id, model);
        try
        {
            if (IsGenerator(model))
            {
                engine = new Engine(model, WithRoom(model, options.Engine) with { ModelName = id });
                WarmUp(engine);
                loop = new EngineLoop(engine, options.QueueLength);
                if (model.HasTokenizer) chat = new ChatEngine(loop, options.Template is { } name ? ChatFormat.Named(model.Tokenizer, name) : ChatFormat.Of(model.Tokenizer, ModelNames.ForGuesses(model)));
            }

            Embedder = loop is not null ? new TextEmbedder(loop) : TextEmbedder.Of(model, options.Engine);
            Pooling = ModelPooling.Find(model) ?? Pooling.Mean;
            FillInTheMiddle = model.HasTokenizer ? FillInTheMiddle.Of(model.Tokenizer) : null;
            Memory = new ModelMemory(WeightBytes(model), engine?.PageBytes ?? 0, engine?.StateBytes ?? 0);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Its name.</summary>
    public string Id { get; }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>Its tokenizer.</summary>
    /// <exception cref="ApiException">It came without one.</exception>
    public Tokenizer Tokenizer => Model.HasTokenizer ? Model.Tokenizer : throw ApiException.Unsupported($"The model '{Id}' came without a tokenizer and takes no texts.");

    /// <summary>What turns texts into vectors.</summary>
    public TextEmbedder Embedder { get; }

    /// <summary>Which row stands for a text where a request does not say it.</summary>
    public Pooling Pooling { get; }

    /// <summary>How a gap in a text is shown to it; null where its vocabulary has no tokens for that.</summary>
    public FillInTheMiddle? FillInTheMiddle { get; }

    /// <summary>Whether it generates.</summary>
    public bool Generates => loop is not null;

    /// <summary>What steps it.</summary>
    /// <exception cref="ApiException">It generates nothing.</exception>
    public EngineLoop Loop => loop ?? throw ApiException.Unsupported($"The model '{Id}' is {Model.Network.KindWithArticle} and generates no text; it can be asked for embeddings.", "model");

    /// <summary>What answers conversations.</summary>
    /// <exception cref="ApiException">It holds none.</exception>
    public ChatEngine Chat
    {
        get
        {
            // Refuses what generates no text, or takes none.
            _ = (Loop, Tokenizer);
            return chat!;
        }
    }

    /// <summary>How conversations are written for it; null where it holds none.</summary>
    public ChatFormat? Format => chat?.Format;

    /// <summary>Most tokens of a text.</summary>
    public int ContextLength => engine?.ContextLength ?? Embedder.ContextLength;

    /// <summary>What it takes.</summary>
    public ModelMemory Memory { get; }

    /// <summary>Bytes of all that it takes.</summary>
    public long Bytes => Memory.Weights + Memory.Pages + Memory.States;

    /// <summary>Loads one.</summary>
    /// <exception cref="CaravanException">It cannot be loaded.</exception>
    public static ServedModel Load(ModelSource source, ServerOptions options)
    {
        ModelOptions loading = options.Loading(source.Path);
        Model model = Model.Load(source.Path, source.Path == options.ModelPath ? loading with { Adapters = options.Adapters } : loading);
        return new ServedModel(source.Id, model, options);
    }

    /// <summary>Ends what runs and frees all.</summary>
    public void Dispose()
    {
        loop?.Dispose();
        Embedder?.Dispose();
        engine?.Dispose();
        Model.Dispose();
    }

    /// <summary>A token is generated before anybody waits for one: its code is compiled by then, and the weights come from the disk.</summary>
    private static void WarmUp(Engine engine)
    {
        if (engine.Model.Generator.Spec.Encoder is not null) return;
        int first = engine.Model.HasTokenizer && engine.Model.Tokenizer.BosId is { } start ? start : 0;
        engine.Generate(new GenerationRequest { Prompt = [first], MaxTokens = 2, Sampling = SamplingOptions.Greedy });
    }

    private static bool IsGenerator(Model model) => model.Network is Caravan.Models.Decoder or EncoderDecoder or VisionLanguage;

    private static long WeightBytes(Model model) => model.Checkpoint.Tensors.Values.Sum(tensor => tensor.StoredBytes) * (model.IsRepacked ? 2 : 1);

    /// <summary>Where nothing is said of the cache: up to eight texts of full length, in an eighth of the machine's memory.</summary>
    private static EngineOptions WithRoom(Model model, EngineOptions options)
    {
        DecoderSpec spec = model.Generator.Spec;
        if (options.CacheTokens is not null || spec.Encoder is not null) return options;
        int context = options.ContextLength ?? Math.Min(spec.DependsOnLength ? int.MaxValue : spec.ContextLength, EngineOptions.UsualContext);
        using KeyValuePages page = new(spec, pages: 1, options.KeyValueType);
        long textBytes = Math.Max(1, (long)context / KeyValuePages.PageTokens * page.PageBytes);
        long texts = Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8 / textBytes, 1, 8);
        return options with { CacheTokens = (int)Math.Min(int.MaxValue, texts * context) };
    }
}
