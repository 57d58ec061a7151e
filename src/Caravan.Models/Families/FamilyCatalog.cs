using Caravan.Formats;

namespace Caravan.Models;

/// <summary>Every family, one line each. Where several answer to the same name, the first that recognises the file is taken.</summary>
internal static class FamilyCatalog
{
    /// <summary>The families.</summary>
    public static IReadOnlyList<Family> All { get; } =
    [
        new Llama(),
        new Mistral(),
        new Mixtral(),
        new Arctic(),
        new Baichuan(),
        new Baichuan2(),
        new Bart(),
        new Bert(),
        new BioGpt(),
        new Bloom(),
        new ChatGlm(),
        new ChatGlm1(),
        new ChatGlmByHead(),
        new ClipFamily(),
        new CodeGen(),
        new CodeShell(),
        new Cohere(),
        new CpmBee(),
        new Ctrl(),
        new Dbrx(),
        new DeepSeek(),
        new DistilBert(),
        new Falcon(),
        new Falcon40(),
        new Gemma(),
        new Gpt2(),
        new GptBigCode(),
        new GptJ(),
        new GptNeo(),
        new GptNeoX(),
        new Grok(),
        new InternLm(),
        new InternLm2(),
        new Jamba(),
        new LlamaMoe(),
        new Llava(),
        new Mamba(),
        new MiniCpm(),
        new Mpt(),
        new Olmo(),
        new OpenAiGpt(),
        new OpenMoe(),
        new Opt(),
        new Orion(),
        new Palm(),
        new Persimmon(),
        new Phi(),
        new Phi3(),
        new Qwen(),
        new Qwen2(),
        new Qwen2Moe(),
        new RecurrentGemma(),
        new RetNet(),
        new Roberta(),
        new Rwkv(),
        new Rwkv5(),
        new Rwkv6(),
        new StableLm(),
        new Starcoder2(),
        new StripedHyena(),
        new SwitchTransformers(),
        new T5Encoder(),
        new T5Gated(),
        new T5(),
        new Mt5(),
        new Umt5(),
        new TeleChat(),
        new Xglm(),
        new Xverse(),
        new Yi(),
        new Yuan2(),
    ];

    /// <summary>The family of a checkpoint.</summary>
    /// <exception cref="CaravanException">It names none that is known, or there is no description at all.</exception>
    public static Family Of(Checkpoint checkpoint) => Of(checkpoint, out _);

    internal static Family Of(Checkpoint checkpoint, out string architecture)
    {
        bool gguf = checkpoint.Metadata is not null;
        architecture = ArchitectureOf(checkpoint)
            ?? throw new CaravanException(gguf
                ? $"'{checkpoint.Path}' has no 'general.architecture', so it cannot be told how it computes."
                : checkpoint.Config is null
                    ? $"'{checkpoint.Path}' came without a config.json, so it cannot be told how it computes; put the model's config.json beside it."
                    : $"'{checkpoint.Path}' has no 'model_type' in its config.json, so it cannot be told how it computes.");
        string name = architecture;
        return Answering(checkpoint, name).FirstOrDefault()
            ?? throw Unknown(checkpoint.Path, name, All.SelectMany(family => gguf ? family.GgufArchitectures : family.ModelTypes));
    }

    /// <summary>The families that such a checkpoint may be read as.</summary>
    public static IEnumerable<Family> Answering(Checkpoint checkpoint, string architecture)
    {
        if (checkpoint.Metadata is not { } metadata)
        {
            return All.Where(family => family.ModelTypes.Contains(architecture) && family.Recognises(new JsonConfigSource(checkpoint.Config!.Value, family.AttributeMap)));
        }

        GgufConfigSource config = new(metadata, architecture);
        return All.Where(family => family.GgufArchitectures.Contains(architecture) && family.Recognises(config));
    }

    /// <summary>What the checkpoint says it is, or null.</summary>
    public static string? ArchitectureOf(Checkpoint checkpoint)
    {
        if (checkpoint.Metadata is { } metadata) return metadata.String("general.architecture");
        return checkpoint.Config is { } config && new JsonConfigSource(config).Find("model_type") is string type ? type : null;
    }

    private static CaravanException Unknown(string path, string name, IEnumerable<string> known)
    {
        string[] names = [.. known.Distinct().Order(StringComparer.Ordinal)];
        return new CaravanException(
            $"'{path}' is of the architecture '{name}', which is none of the {names.Length} that Caravan knows (docs/families.md).{Suggestion.DidYouMean(name, names)}");
    }
}
