using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>Reads a rotary embedding and its scaling from a configuration, and writes one.</summary>
internal static class RotaryKeys
{
    private const string OriginalKey = "rope_scaling.original_max_position_embeddings";

    private static readonly string[] Methods = ["default", "linear", "dynamic", "llama3", "yarn", "longrope", "su"];

    /// <summary>
    /// The embedding of heads of <paramref name="headSize"/> features, of which only the first <paramref name="share"/> may be rotated (a GGUF says how many). Keys:
    /// <c>rope_theta</c> (<paramref name="absentBase"/> where it is missing); <c>rope_scaling</c> with <c>rope_type</c> (or the older
    /// <c>type</c>) and the method's own; transformers 5 puts all of them in <c>rope_parameters</c>.
    /// </summary>
    public static RotarySpec Read(ConfigReader config, int headSize, RotaryLayout layout, double absentBase = 10_000, double share = 1)
    {
        int part = (int)(headSize * share), dimensions = config.IsGguf ? config.Integer("rope.dimension_count", absent: part) : part;
        if (dimensions <= 0 || dimensions > headSize || dimensions % 2 != 0)
            throw new CaravanException($"'{config.Path}': rotary embeddings turn pairs, but {dimensions} features of heads of {headSize} are to be turned.");
        string section = config.Has("rope_parameters.rope_type") || config.Has("rope_parameters.rope_theta") ? "rope_parameters" : "rope_scaling";
        return new RotarySpec
        {
            Dimensions = dimensions,
            Base = config.Real("rope_parameters.rope_theta", absent: config.Real("rope_theta", absent: absentBase)),
            Layout = layout,
            Scaling = Divisors(config, dimensions) ?? TwoLists(config, dimensions) ?? Scaling(config, section, dimensions),
        };
    }

    /// <summary>
    /// Writes the keys of an embedding, the other way round; its scaling is written by <see cref="RotaryScaling.Describe(ConfigWriter)"/>, because
    /// not every format has words for it.
    /// </summary>
    public static void Write(ConfigWriter config, RotarySpec rotary)
    {
        config.Set("rope_theta", rotary.Base);
        if (config.IsGguf) config.Set("rope.dimension_count", rotary.Dimensions);
    }

    private static DivisorScaling? Divisors(ConfigReader config, int dimensions)
    {
        if (!config.IsGguf || config.Weights.Elements("rotary_divisors") is not { } divisors) return null;
        RequireOnePerPair(config, "rope_freqs.weight", divisors.Length, dimensions);
        return new DivisorScaling([.. divisors]);
    }

    private static LongRopeScaling? TwoLists(ConfigReader config, int dimensions)
    {
        if (!config.IsGguf || config.Weights.Elements(LongRopeScaling.ShortTable) is not { } few || config.Weights.Elements(LongRopeScaling.LongTable) is not { } many) return null;
        RequireOnePerPair(config, "rope_factors_short.weight", few.Length, dimensions);
        RequireOnePerPair(config, "rope_factors_long.weight", many.Length, dimensions);
        return new LongRopeScaling([.. few], [.. many], config.Size(OriginalKey, most: int.MaxValue), config.Real("rope_scaling.attention_multiplier", absent: 1));
    }

    private static LongRopeScaling LongRope(ConfigReader config, string section, int dimensions, int context, int trained)
    {
        IReadOnlyList<double> few = config.Reals($"{section}.short_factor") ?? [], many = config.Reals($"{section}.long_factor") ?? [];
        RequireOnePerPair(config, $"{section}.short_factor", few.Count, dimensions);
        RequireOnePerPair(config, $"{section}.long_factor", many.Count, dimensions);
        double factor = config.Has("original_max_position_embeddings") ? (double)context / trained : config.Real($"{section}.factor", absent: (double)context / trained);
        double attention = config.Real($"{section}.attention_factor", absent: LongRopeScaling.Sharpening(factor, trained));
        return new LongRopeScaling([.. few.Select(divisor => (float)divisor)], [.. many.Select(divisor => (float)divisor)], trained, attention);
    }

    private static void RequireOnePerPair(ConfigReader config, string name, int count, int dimensions)
    {
        if (count != dimensions / 2) throw new CaravanException($"'{config.Path}': {name} has {count} divisors; {dimensions / 2} were expected.");
    }

    private static RotaryScaling? Scaling(ConfigReader config, string section, int dimensions)
    {
        string method = config.Text($"{section}.rope_type", absent: config.Text($"{section}.type", absent: "default"));
        int context = config.Integer("max_position_embeddings", absent: 2048);
        int trained = config.Integer($"{section}.original_max_position_embeddings", absent: context);
        switch (method)
        {
            case "default" or "none":
                return null;
            case "linear":
                return new LinearScaling(config.Real($"{section}.factor"));
            case "dynamic":
                return new DynamicScaling(config.Real($"{section}.factor"), context);
            case "llama3":
                return new Llama3Scaling(
                    config.Real($"{section}.factor"), config.Real($"{section}.low_freq_factor"), config.Real($"{section}.high_freq_factor"), trained);
            case "longrope" or "su":
                return LongRope(config, section, dimensions, context, config.Integer("original_max_position_embeddings", absent: trained));
            case "yarn":
                return Yarn(config, section, trained);
            default:
                throw config.Unsupported($"{section}.rope_type", method, Methods);
        }
    }

    private static YarnScaling Yarn(ConfigReader config, string section, int trained)
    {
        double factor = config.Real($"{section}.factor");
        double? attention = config.Has($"{section}.attention_factor") ? config.Real($"{section}.attention_factor") : null;
        if (config.Has($"{section}.mscale") && config.Has($"{section}.mscale_all_dim"))
        {
            attention ??= YarnScaling.Sharpening(factor, config.Real($"{section}.mscale"))
                / YarnScaling.Sharpening(factor, config.Real($"{section}.mscale_all_dim"));
        }

        // GGUF multiplies the paper's factor instead of replacing it.
        if (config.Has($"{section}.attention_multiplier"))
            attention ??= YarnScaling.Sharpening(factor) * config.Real($"{section}.attention_multiplier");
        return new YarnScaling(factor, trained)
        {
            BetaFast = config.Real($"{section}.beta_fast", absent: 32),
            BetaSlow = config.Real($"{section}.beta_slow", absent: 1),
            RoundedRamp = config.Flag($"{section}.truncate", absent: true),
            Attention = attention,
        };
    }
}
