using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>Decides what is written where, and refuses what would surprise, before anything is read or written.</summary>
internal static class TargetPlace
{
    private static readonly string[] FileEndings = [".gguf", ".safetensors", ".bin", ".pt", ".pth"];

    /// <summary>The format to write.</summary>
    /// <exception cref="CaravanException">The target, or the type for it, cannot be.</exception>
    public static ConvertFormat Check(string source, string target, ConvertOptions options)
    {
        if (target.Length == 0 || target.Contains('\0')) throw new CaravanException($"'{target}' is not a path; give a GGUF file or a folder to write.");
        bool named = target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        ConvertFormat format = options.Format ?? (named ? ConvertFormat.Gguf : ConvertFormat.Safetensors);
        if (options.Type is { } type && !WeightTypes.Of(format).Contains(type)) throw WrongType(type, format, target);
        if (SamePath(source, target)) throw new CaravanException($"'{target}' is the source itself; give another name to write to.");
        if (format == ConvertFormat.Gguf) CheckFile(target, options.Overwrite);
        else CheckFolder(source, target, options.Overwrite);
        return format;
    }

    private static CaravanException WrongType(DType type, ConvertFormat format, string target)
    {
        string known = string.Join(", ", WeightTypes.Of(format).Select(WeightTypes.NameOf));
        return new CaravanException(format == ConvertFormat.Gguf
            ? $"'{target}': a GGUF file is not written with weights of {type}; known are {known}."
            : $"'{target}': safetensors has no type for {type}; take one of {known}, or a target that ends in .gguf.");
    }

    private static void CheckFile(string target, bool overwrite)
    {
        if (Directory.Exists(target)) throw new CaravanException($"'{target}' is a folder, and a GGUF model is a file; give the name of a file.");
        if (File.Exists(target) && !overwrite) throw Exists(target);
    }

    private static void CheckFolder(string source, string target, bool overwrite)
    {
        if (FileEndings.FirstOrDefault(ending => target.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            throw new CaravanException(
                $"'{target}' ends in '{found}' like a file, and a Hugging Face model is a folder; give a name without the ending, or one that ends in .gguf.");
        }

        if (File.Exists(target)) throw new CaravanException($"'{target}' is a file, and a Hugging Face model is a folder; give another name.");
        if (!Directory.Exists(target) || !Directory.EnumerateFileSystemEntries(target).Any()) return;
        if (!overwrite) throw Exists(target);
        if (IsInside(source, target)) throw new CaravanException($"'{target}' holds the source '{source}', which replacing it would delete; give another folder.");
        if (!File.Exists(Path.Combine(target, "config.json")) || Directory.EnumerateDirectories(target).Any())
            throw new CaravanException($"'{target}' is not replaced: it holds other things than one model; delete it yourself or give another folder.");
    }

    private static CaravanException Exists(string target) =>
        new($"'{target}' exists already; give another name, or allow it to be overwritten (--overwrite).");

    private static bool SamePath(string a, string b) => Full(a) == Full(b);

    private static bool IsInside(string path, string folder) =>
        path.Length > 0 && Full(path).StartsWith(Full(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string Full(string path) => path.Length == 0 || path.Contains('\0') ? "" : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
