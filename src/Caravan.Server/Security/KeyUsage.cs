namespace Caravan.Server;

/// <summary>What the holder of a key did lately, against the key's limits.</summary>
internal sealed class KeyUsage(ApiKey key, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Queue<long> recent = new();
    private int running;

    /// <summary>The key.</summary>
    public ApiKey Key { get; } = key;

    /// <summary>Lets a request in, which then has to <see cref="Leave"/>.</summary>
    /// <exception cref="ApiException">A limit is reached.</exception>
    public void Enter()
    {
        lock (gate)
        {
            while (recent.TryPeek(out long first) && time.GetElapsedTime(first) >= Window) recent.Dequeue();
            if (running >= Key.ConcurrentRequests)
                throw ApiException.TooMany($"The key '{Key.Name}' has {running} requests running, and that is as many as it may; try again when one has ended.", 1);
            if (recent.Count >= Key.RequestsPerMinute)
            {
                int wait = Math.Max(1, (int)Math.Ceiling((Window - time.GetElapsedTime(recent.Peek())).TotalSeconds));
                throw ApiException.TooMany($"The key '{Key.Name}' made {recent.Count} requests in the last minute, and that is as many as it may; try again in {wait} s.", wait);
            }

            running++;
            if (Key.RequestsPerMinute is not null) recent.Enqueue(time.GetTimestamp());
        }
    }

    /// <summary>A request has ended.</summary>
    public void Leave()
    {
        lock (gate) running--;
    }
}
