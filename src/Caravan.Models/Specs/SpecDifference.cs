using System.Reflection;
using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>Finds what a specification says that another does not.</summary>
internal static class SpecDifference
{
    /// <summary>
    /// The first difference, such as "SequenceMixer.Window (4096, not 0)"; null when they compute the same. The order of rotary features is left out:
    /// it belongs to the file. So are lists of layers of different length, and scalings of rotary angles, which are written on their own.
    /// </summary>
    public static string? Between(StackSpec wanted, StackSpec found)
    {
        for (int layer = 0; layer < wanted.Layers.Length && layer < found.Layers.Length; layer++)
            if (Between(wanted.Layers[layer], found.Layers[layer], "") is { } difference) return difference;
        if (wanted is DecoderSpec { Encoder: { } encoder } && found is DecoderSpec { Encoder: { } other } && Between(encoder, other) is { } inside) return $"Encoder.{inside}";
        return Between(wanted.WithoutLayers, found.WithoutLayers, "");
    }

    private static string? Between(object? wanted, object? found, string path)
    {
        if (Equals(wanted, found) || wanted is RotaryLayout or RotaryScaling || found is RotaryScaling) return null;
        if (wanted is null || found is null || wanted.GetType() != found.GetType() || !IsRecord(wanted.GetType()))
            return $"{path} ({Words(wanted)}, not {Words(found)})";
        foreach (PropertyInfo property in wanted.GetType().GetProperties().Where(property => property.SetMethod is not null))
        {
            string name = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            if (Between(property.GetValue(wanted), property.GetValue(found), name) is { } difference) return difference;
        }

        return null;
    }

    private static string Words(object? value) => value switch
    {
        null => "none",
        System.Collections.IEnumerable and not string => "other values",
        _ when IsRecord(value.GetType()) => value.GetType().Name,
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;
}
