namespace Caravan.Hub;

/// <summary>Where models come from, where they are kept, and how politely they are asked for.</summary>
internal sealed record HubOptions
{
    /// <summary>The hub that is asked when no other is named.</summary>
    public const string UsualEndpoint = "https://huggingface.co";

    /// <summary>Scheme, host and port of the hub.</summary>
    public Uri Endpoint { get; init; } = new(UsualEndpoint);

    /// <summary>Opens what is closed to strangers; sent to <see cref="Endpoint"/> and nowhere else, and in no message. Null: none.</summary>
    public string? Token { get; init; }

    /// <summary>The folder that huggingface_hub calls the cache: <c>~/.cache/huggingface/hub</c>.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Whether snapshots link to blobs; otherwise, and where the system refuses links, they hold the files themselves.</summary>
    public bool Links { get; init; } = true;

    /// <summary>Whether the hub must not be asked: then only the cache counts.</summary>
    public bool Offline { get; init; }

    /// <summary>Ranges under way at once, over all files. Each has a buffer of <see cref="RangeBytes"/>.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Bytes asked for at once. Larger files come in several ranges.</summary>
    public int RangeBytes { get; init; } = 4 << 20;

    /// <summary>How long a connection may be silent before it counts as broken.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Waits before another attempt; tests do not.</summary>
    public Func<TimeSpan, CancellationToken, Task> Wait { get; init; } = Task.Delay;

    /// <summary>Free bytes on the disk that holds a folder; tests have small ones.</summary>
    public Func<string, long> FreeBytes { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>Whether an address is the hub's own, so that it may see the token.</summary>
    public bool IsEndpoint(Uri address) =>
        Uri.Compare(address, Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    // A record prints its properties; the token must not be among them.
    public override string ToString() => $"{Endpoint} in {CacheFolder}";
}
