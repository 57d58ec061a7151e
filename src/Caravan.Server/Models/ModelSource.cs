using Caravan.Models;

namespace Caravan.Server;

/// <summary>A model that can be asked for, and where it is. Requests name models by <paramref name="Id"/> and never by a path.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Path">Its file or folder.</param>
internal sealed record ModelSource(string Id, string Path)
{
    private static readonly string[] Endings = [".gguf", ".safetensors", ".bin", ".pt", ".pth"];

    /// <summary>Bytes of its files; 0 where they are gone.</summary>
    public long Bytes => Files().Sum(file => file.Length);

    /// <summary>When its files were written last.</summary>
    public DateTime Modified => Files().Select(file => file.LastWriteTimeUtc).DefaultIfEmpty(DateTime.UnixEpoch).Max();

    /// <summary>The models of a folder: each model file in it, and each folder in it that has a config.json or model files.</summary>
    /// <exception cref="CaravanException">There is no such folder.</exception>
    public static IReadOnlyList<ModelSource> In(string folder)
    {
        if (!Directory.Exists(folder)) throw new CaravanException($"'{folder}' is no folder; --models takes a folder of models.");
        IEnumerable<string> files = Directory.EnumerateFiles(folder).Where(IsWhole);
        IEnumerable<string> folders = Directory.EnumerateDirectories(folder).Where(inner => File.Exists(System.IO.Path.Combine(inner, "config.json")));
        IEnumerable<string> inside = Directory.EnumerateDirectories(folder).Where(inner => !File.Exists(System.IO.Path.Combine(inner, "config.json")))
            .SelectMany(Directory.EnumerateFiles).Where(IsWhole);
        return
        [
            .. files.Concat(folders).Concat(inside)
                .GroupBy(ModelNames.Short, StringComparer.Ordinal)
                // Files of one name and several endings keep them.
                .SelectMany(group => group.Count() == 1 ? [new ModelSource(group.Key, group.Single())] : group.Select(path => new ModelSource(System.IO.Path.GetFileName(path), path)))
                .DistinctBy(source => source.Id)
                .OrderBy(source => source.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>Whether a file is a model and not a later part of one.</summary>
    private static bool IsWhole(string file)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(file);
        int part = name.LastIndexOf("-of-", StringComparison.Ordinal);
        bool isLaterPart = part > 5 && int.TryParse(name[(part - 5)..part], out int number) && number > 1;
        return Endings.Contains(System.IO.Path.GetExtension(file)) && !isLaterPart && !name.StartsWith("tokenizer", StringComparison.Ordinal);
    }

    private IEnumerable<FileInfo> Files()
    {
        if (File.Exists(Path)) return [new FileInfo(Path)];
        return Directory.Exists(Path) ? new DirectoryInfo(Path).EnumerateFiles().Where(file => Endings.Contains(file.Extension)) : [];
    }
}
